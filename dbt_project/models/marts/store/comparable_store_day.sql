{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_store_days() }}"
) }}

-- Grain: one row per store and date on which it sold or took back anything, or did so on the
-- aligned day of last year; up to the last date of the data. Amounts are additive.
with

store_day as (

    select * from {{ ref('fct_sales_day') }}

),

trading_day as (

    {{ trading_days('store_day') }}

),

first_day as (

    select
        store_id,
        min(business_date) as first_trading_date

    from trading_day

    group by store_id

),

reopened_day as (

    {{ reopened_days('trading_day') }}

),

store_date as (

    {{ store_dates_to_build('store_day') }}

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
        first_day.first_trading_date,
        reopened_day.last_reopening_date

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
    left join first_day
        on store_date.store_id = first_day.store_id
    left join reopened_day
        on
            store_date.store_id = reopened_day.store_id
            and store_date.business_date = reopened_day.business_date

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
