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

    select
        calendar_month.*,
        {{ add_days('calendar_month.month_start_date', -1) }} as eve_date

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

changed as (

    -- Who was of one stage all month is told by it alone.
    select
        month_start_date,
        month_end_date,
        lifecycle_stage_code as from_stage_code,
        is_kept,
        moved_customer_id,
        count(*) as customer_count

    from (
        select
            ended_month.month_start_date,
            ended_month.month_end_date,
            on_eve.lifecycle_stage_code,
            on_eve.valid_to_date >= ended_month.month_end_date as is_kept,
            case when on_eve.valid_to_date < ended_month.month_end_date then on_eve.customer_id end
                as moved_customer_id
        from {{ ref('customer_lifecycle') }} as on_eve
        inner join ended_month
            on
                on_eve.valid_from_date <= ended_month.eve_date
                and on_eve.valid_to_date >= ended_month.eve_date
    ) as on_eves

    group by month_start_date, month_end_date, lifecycle_stage_code, is_kept, moved_customer_id

),

moved as (

    select
        changed.month_start_date,
        changed.from_stage_code,
        case when changed.is_kept then changed.from_stage_code else at_end.lifecycle_stage_code end
            as to_stage_code,
        changed.customer_count

    from changed
    left join {{ ref('customer_lifecycle') }} as at_end
        on
            changed.moved_customer_id = at_end.customer_id
            and changed.month_end_date >= at_end.valid_from_date
            and changed.month_end_date <= at_end.valid_to_date

),

cell as (

    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        sum(customer_count) as customer_count

    from moved

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

    where from_stage_code <> 'prospect' or to_stage_code <> 'prospect'

)

select * from final
