{{ config(meta={'dagster': {'ref': {'name': 'shelf_group'}}}) }}

-- A returned row is a level, cluster and fiscal period that the night replaced, whose members are
-- not those of its pairs of lift above 1, or in which such a pair is missing at one of its ends.
-- Communities may be found in many ways, but each pair must be in the graph that they are found
-- in.
with

pair as (

    select * from {{ ref('basket_affinity') }}
    where
        lift > 1
        and fiscal_period_start_date in ({{ changed_periods('fiscal_period_start_date', false) }})

),

pair_end as (

    select affinity_level, fiscal_period_start_date, cluster_code, left_code as member_code
    from pair
    union all
    select affinity_level, fiscal_period_start_date, cluster_code, right_code as member_code
    from pair

),

graph as (

    select
        affinity_level,
        fiscal_period_start_date,
        cluster_code,
        count(distinct member_code) as member_count,
        count(*) as end_count

    from pair_end

    group by affinity_level, fiscal_period_start_date, cluster_code

),

mart as (

    select
        affinity_level,
        fiscal_period_start_date,
        cluster_code,
        count(*) as member_count,
        sum(neighbour_count) as end_count

    from {{ ref('shelf_group') }}

    where fiscal_period_start_date in ({{ changed_periods('fiscal_period_start_date', false) }})

    group by affinity_level, fiscal_period_start_date, cluster_code

)

select
    graph.affinity_level,
    graph.fiscal_period_start_date,
    graph.cluster_code,
    graph.member_count,
    mart.member_count as shelf_member_count,
    graph.end_count,
    mart.end_count as shelf_end_count

from graph
full outer join mart
    on
        graph.affinity_level = mart.affinity_level
        and graph.fiscal_period_start_date = mart.fiscal_period_start_date
        and graph.cluster_code = mart.cluster_code

where
    graph.member_count is distinct from mart.member_count
    or graph.end_count is distinct from mart.end_count
