{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_period_start_date', 'fiscal_period_start_date', false) }}"
) }}

-- Grain: one row per affinity level (item, category), store cluster, fiscal period and member that
-- is bought with another one more often than by chance. Nothing is additive: a link counts at both
-- of its ends, and modularity is the same on every row of a market.
with

pair as (

    select * from {{ ref('basket_affinity') }}
    where
        lift > 1
        and {{ is_changed('fiscal_period_start_date', 'fiscal_period_start_date', false) }}

),

link as (

    select
        affinity_level,
        fiscal_period_code,
        fiscal_period_start_date,
        cluster_code,
        left_code as member_code,
        left_name as member_name,
        left_basket_count as member_basket_count,
        right_code as neighbour_code,
        lift
    from pair
    union all
    select
        affinity_level,
        fiscal_period_code,
        fiscal_period_start_date,
        cluster_code,
        right_code as member_code,
        right_name as member_name,
        right_basket_count as member_basket_count,
        left_code as neighbour_code,
        lift
    from pair

),

member as (

    select
        affinity_level,
        fiscal_period_code,
        fiscal_period_start_date,
        cluster_code,
        member_code,
        member_name,
        member_basket_count,
        count(*) as neighbour_count,
        {{ ranked_text('neighbour_code', 'lift', '|') }} as neighbour_codes

    from link

    group by
        affinity_level,
        fiscal_period_code,
        fiscal_period_start_date,
        cluster_code,
        member_code,
        member_name,
        member_basket_count

),

final as (

    select
        member.affinity_level,
        member.fiscal_period_code,
        member.fiscal_period_start_date,
        member.cluster_code,
        grouped.community_code,
        max(case when member.member_code = grouped.community_code then member.member_name end)
            over community as community_name,
        count(*) over community as community_member_count,
        member.member_code,
        member.member_name,
        member.member_basket_count,
        member.neighbour_count,
        member.neighbour_codes,
        grouped.strength,
        grouped.community_strength,
        grouped.modularity

    from member
    inner join {{ made_in_python('int_affinity_member__grouped') }} as grouped
        on
            member.affinity_level = grouped.affinity_level
            and member.fiscal_period_start_date = grouped.fiscal_period_start_date
            and member.cluster_code = grouped.cluster_code
            and member.member_code = grouped.member_code

    window community as (
        partition by
            member.affinity_level,
            member.fiscal_period_start_date,
            member.cluster_code,
            grouped.community_code
    )

)

select * from final
