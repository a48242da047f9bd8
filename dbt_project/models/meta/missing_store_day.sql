-- Grain: one row per store and business date without sales, within a gap of few days in the store's
-- deliveries, or since its last one, on which the store was to trade: open by the calendar, or the
-- calendar says nothing, another store traded, and this one does on nearly every such day. A longer
-- gap is a closed store.
with

store_day as (

    select store_id, business_date
    from {{ ref('fct_sales_day') }}

),

trading_day as (

    select
        business_date,
        max(business_date) over () as last_trading_date

    from store_day

    group by business_date

),

gap as (

    select
        store_day.store_id,
        store_day.business_date as last_date,
        coalesce(
            lead(store_day.business_date) over (
                partition by store_day.store_id
                order by store_day.business_date nulls last
            ),
            {{ add_days('trading_day.last_trading_date', 1) }}
        ) as next_date

    from store_day
    inner join trading_day on store_day.business_date = trading_day.business_date

),

day_of_gap as (

    select
        gap.store_id,
        dim_date.date_day as business_date

    from gap
    inner join {{ ref('dim_date') }} as dim_date
        on gap.last_date < dim_date.date_day and gap.next_date > dim_date.date_day

    -- Most pairs of days have none between them: left out, the join is over a few.
    where
        {{ days_between('gap.last_date', 'gap.next_date') }} between 2
        and {{ var('max_missing_days') }} + 1

),

regular_store as (

    select span.store_id
    from (
        select
            store_id,
            min(business_date) as first_date,
            max(business_date) as last_date,
            count(*) as traded_day_count
        from store_day
        group by store_id
    ) as span
    inner join trading_day
        on trading_day.business_date between span.first_date and span.last_date
    group by span.store_id, span.traded_day_count
    having span.traded_day_count >= {{ var('regular_trade_rate') }} * count(*)

),

judged as (

    select
        day_of_gap.store_id,
        day_of_gap.business_date,
        coalesce(own_day.is_open, chain_day.is_open) as is_open,
        trading_day.business_date is not null and regular_store.store_id is not null as has_traded

    from day_of_gap
    left join {{ ref('stg_master__calendar') }} as own_day
        on
            day_of_gap.store_id = own_day.store_id
            and day_of_gap.business_date = own_day.business_date
    left join {{ ref('stg_master__calendar') }} as chain_day
        on chain_day.store_id = '*' and day_of_gap.business_date = chain_day.business_date
    left join trading_day on day_of_gap.business_date = trading_day.business_date
    left join regular_store on day_of_gap.store_id = regular_store.store_id

),

final as (

    select
        store_id,
        business_date,
        case when is_open then 'open by the calendar' else 'other stores traded' end
            as expected_reason

    from judged

    where coalesce(is_open, has_traded)

)

select * from final
