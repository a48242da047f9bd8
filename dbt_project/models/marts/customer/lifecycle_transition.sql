{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='all_rows',
    on_schema_change='fail'
) }}

-- Grain: one row per calendar month that has ended within the data, stage of life on its eve and
-- stage on its last day, with a customer in it. The first month is the one after that in which the
-- data begins. Customers are not additive over months.
with

data_span as (

    select
        min(business_date) as first_date,
        max(business_date) as last_date

    from {{ ref('fct_customer_day') }}

),

ended_month as (

    select calendar_month.month_start_date

    from (
        select month_start_date, max(date_day) as month_end_date
        from {{ ref('dim_date') }}
        group by month_start_date
    ) as calendar_month
    cross join data_span

    where
        calendar_month.month_start_date > data_span.first_date
        and calendar_month.month_end_date <= data_span.last_date

),

moved as (

    {{ stage_moves_to_count() }}

),

balance as (

    {{ stage_balances() }}

),

cell as (

    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        sum(customer_count) as customer_count

    from (
        -- Who came to a stage and did not leave it is of it on each later eve.
        select
            ended_month.month_start_date,
            balance.stage_code as from_stage_code,
            balance.stage_code as to_stage_code,
            balance.customer_count
        from balance
        inner join ended_month on balance.month_start_date < ended_month.month_start_date

        union all

        -- Who moved did not stay.
        select
            moved.month_start_date,
            moved.from_stage_code,
            moved.from_stage_code as to_stage_code,
            -moved.customer_count as customer_count
        from moved
        inner join ended_month on moved.month_start_date = ended_month.month_start_date

        union all

        select moved.*
        from moved
        inner join ended_month on moved.month_start_date = ended_month.month_start_date
        {{- standing_transitions() }}
    ) as counted

    group by month_start_date, from_stage_code, to_stage_code

),

final as (

    -- Since when a prospect is known is not told, so that a share of prospects would say nothing.
    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        cast(customer_count as bigint) as customer_count,
        case
            when from_stage_code <> 'prospect'
                then {{ ratio(
                    'customer_count',
                    'sum(customer_count) over (partition by month_start_date, from_stage_code)'
                ) }}
        end as transition_rate

    from cell

    where
        customer_count > 0
        and (from_stage_code <> 'prospect' or to_stage_code <> 'prospect')

)

select * from final
