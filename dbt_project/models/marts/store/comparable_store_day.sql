-- Grain: one row per store and date on which it sold or took back anything, or did so on the
-- aligned day of last year; up to the last date of the data. Amounts are additive.
with

store_day as (

    select * from {{ ref('fct_sales_day') }}

),

trading_day as (

    select
        store_id,
        business_date,
        {{ days_between(
            'lag(business_date) over (partition by store_id order by business_date nulls last)',
            'business_date'
        ) }} - 1 as closed_days

    from store_day

    where transaction_count > 0

),

store_date as (

    -- Dates of this year and the dates that look back at them: union, so each of them once.
    select store_id, business_date from store_day

    union

    select
        store_day.store_id,
        dim_date.date_day as business_date

    from store_day
    inner join {{ ref('dim_date') }} as dim_date
        on store_day.business_date = dim_date.date_ly_aligned
    where dim_date.date_day <= (select max(traded.business_date) from store_day as traded)

),

compared_day as (

    select
        dim_store.store_key,
        dim_store.store_id,
        store_date.business_date,
        dim_date.date_ly_aligned,
        dim_store.open_date,
        parameter.excluded_days,
        parameter.max_closed_days,
        parameter.max_area_change_percent,
        store_ty.selling_area_m2,
        store_ly.selling_area_m2 as selling_area_m2_ly,
        coalesce(this_year.net_amount, 0) as net_amount,
        coalesce(this_year.transaction_count, 0) as transaction_count,
        -- Unlike a day without sales, a day that no day of last year matches has nothing to show.
        case when dim_date.date_ly_aligned is not null then coalesce(last_year.net_amount, 0) end
            as net_amount_ly_aligned,
        coalesce(last_year.transaction_count, 0) as transaction_count_ly,
        min(trading_day.business_date) over (partition by store_date.store_id)
            as first_trading_date,
        max(
            case
                when trading_day.closed_days > parameter.max_closed_days
                    then trading_day.business_date
            end
        ) over (
            partition by store_date.store_id
            order by store_date.business_date asc nulls last
            rows between unbounded preceding and current row
        ) as last_reopening_date

    from store_date
    cross join {{ ref('comparable_sales_parameter') }} as parameter
    inner join {{ ref('dim_date') }} as dim_date on store_date.business_date = dim_date.date_day
    inner join {{ ref('dim_store') }} as dim_store
        on store_date.store_id = dim_store.store_id and dim_store.is_current
    inner join {{ ref('dim_store') }} as store_ty
        on {{ version_on(
            'store_ty', 'store_date.store_id', 'store_date.business_date', 'store_id') }}
    left join {{ ref('dim_store') }} as store_ly
        on {{ version_on(
            'store_ly', 'store_date.store_id', 'dim_date.date_ly_aligned', 'store_id') }}
    left join store_day as this_year
        on
            store_date.store_id = this_year.store_id
            and store_date.business_date = this_year.business_date
    left join store_day as last_year
        on
            store_date.store_id = last_year.store_id
            and dim_date.date_ly_aligned = last_year.business_date
    left join trading_day
        on
            store_date.store_id = trading_day.store_id
            and store_date.business_date = trading_day.business_date

),

final as (

    select
        store_key,
        store_id,
        business_date,
        date_ly_aligned,
        {{ money('net_amount') }} as net_amount,
        {{ money('net_amount_ly_aligned') }} as net_amount_ly_aligned,
        {{ comparable_exclusion_reason() }} is null as is_comparable,
        {{ comparable_exclusion_reason() }} as exclusion_reason

    from compared_day

)

select * from final
