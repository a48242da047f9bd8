{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_replaced_cells() }}"
) }}

-- Grain: one row per cohort (month of the first transaction, entry store, entry channel) and month
-- of tenure, 0 being the cohort month; months without a sale are rows of zero. Cohorts begin in the
-- first month that has all its receipts.
-- A cell is ripe when its month has ended within the data; what an unripe month would say is NULL.
-- Counts and rates are not additive over months; cumulative amounts never are.
with

entry as (

    -- Who bought in a rolled week is no new customer, whenever the next receipt is.
    {{ cohort_entries() }}

),

cohort as (

    select
        cohort_month,
        entry_store_id,
        entry_channel,
        count(*) as cohort_customer_count

    from entry

    group by cohort_month, entry_store_id, entry_channel

),

calendar_month as (

    {{ cohort_calendar() }}

),

costed_goods as (

    {{ costed_goods() }}

),

activity as (

    {{ cohort_activity() }}

),

cell as (

    {{ standing_cells() }}

    -- The spine: every month from the cohort's own to the last of the data.
    select
        cohort.*,
        {{ months_between_starts('cohort.cohort_month', 'calendar_month.month_start_date') }}
            as tenure_month,
        calendar_month.is_ripe,
        coalesce(activity.active_customer_count, 0) as active_customer_count,
        coalesce(activity.net_amount, 0) as net_amount,
        case
            when activity.cohort_month is not null then activity.margin_amount
            when costed_goods.is_costed then 0
        end as margin_amount,
        false as is_standing

    from cohort
    cross join costed_goods
    inner join calendar_month on cohort.cohort_month <= calendar_month.month_start_date
    left join activity
        on
            cohort.cohort_month = activity.cohort_month
            and cohort.entry_store_id = activity.entry_store_id
            and cohort.entry_channel = activity.entry_channel
            and calendar_month.month_start_date = activity.month_start_date

),

cumulated as (

    select
        *,
        sum(net_amount) over (
            partition by cohort_month, entry_store_id, entry_channel
            order by tenure_month asc nulls last
            rows between unbounded preceding and current row
        ) as cumulative_net_amount

    from cell

),

final as (

    select
        cohort_month,
        tenure_month,
        entry_store_id,
        entry_channel,
        cohort_customer_count,
        case when is_ripe then cast(active_customer_count as bigint) end as active_customer_count,
        case when is_ripe then {{ ratio('active_customer_count', 'cohort_customer_count') }} end
            as retention_rate,
        case when is_ripe then {{ money('net_amount') }} end as net_amount,
        case when is_ripe then {{ money('margin_amount') }} end as margin_amount,
        case when is_ripe then {{ money('cumulative_net_amount') }} end as cumulative_net_amount,
        is_ripe

    from cumulated

    where not is_standing

)

select * from final
