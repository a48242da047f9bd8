{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_quarter_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_quarter_start_date', 'fiscal_quarter_start_date', false) }}"
) }}

-- Grain: one row per identified household, category and fiscal quarter with a receipt line in it.
-- trip_count is not additive over categories; shares, cycles and rates over nothing. Quarters of
-- which receipts are kept no longer have no rows.
with

household as (

    {{ numbered_households() }}

),

product as (

    {{ numbered_products() }}

),

quarter_day as (

    select date_day, fiscal_quarter_code, fiscal_quarter_start_date
    from {{ ref('dim_date') }}
    where
        {{ is_changed('fiscal_quarter_start_date', 'fiscal_quarter_start_date', false) }}
        and fiscal_quarter_start_date not in ({{ rolled_periods('fiscal_quarter_start_date') }})

),

brand_sales as (

    {{ habit_brand_sales() }}

),

trip as (

    {{ habit_trips() }}

),

category_sales as (

    -- What is of unknown brand is in no brand's share: neither above nor below the line.
    select
        fiscal_quarter_start_date,
        household_number,
        category_number,
        sum(net_amount) as net_amount,
        sum(unit_count) as unit_count,
        sum(promoted_amount) as promoted_amount,
        sum(promotion_known_amount) as promotion_known_amount,
        sum(case when is_known_brand then sale_amount end) as branded_amount,
        sum(case when is_known_brand and brand_rank = 1 then sale_amount end) as top_brand_amount,
        max(case when is_known_brand and brand_rank = 1 and sale_amount > 0 then brand_number end)
            as brand_number

    from brand_sales

    group by fiscal_quarter_start_date, household_number, category_number

),

final as (

    select
        household_name.household_id,
        category.category_name,
        fiscal_quarter.fiscal_quarter_code,
        sales.fiscal_quarter_start_date,
        {{ money('sales.net_amount') }} as net_amount,
        {{ quantity('sales.unit_count') }} as unit_count,
        coalesce(trip.trip_count, 0) as trip_count,
        {{ share_of_household('sales.net_amount') }} as category_share_rate,
        trip.first_trip_date,
        trip.last_trip_date,
        {{ ratio(days_between('trip.first_trip_date', 'trip.last_trip_date'),
            'trip.trip_count - 1') }} as cycle_days,
        brand.brand_name as top_brand_name,
        {{ ratio('sales.top_brand_amount', 'sales.branded_amount') }} as brand_loyalty_rate,
        case
            when sales.promotion_known_amount is not null
                then {{ money('coalesce(sales.promoted_amount, 0)') }}
        end as promoted_net_amount,
        {{ ratio('coalesce(sales.promoted_amount, 0)', 'sales.promotion_known_amount') }}
            as promoted_share_rate

    from category_sales as sales
    inner join (select distinct household_number, household_id from household) as household_name
        on sales.household_number = household_name.household_number
    inner join (select distinct category_number, category_name from product) as category
        on sales.category_number = category.category_number
    inner join (
        select distinct fiscal_quarter_start_date, fiscal_quarter_code from quarter_day
    ) as fiscal_quarter
        on sales.fiscal_quarter_start_date = fiscal_quarter.fiscal_quarter_start_date
    left join (select distinct brand_number, brand_name from product) as brand
        on sales.brand_number = brand.brand_number
    left join trip
        on
            sales.fiscal_quarter_start_date = trip.fiscal_quarter_start_date
            and sales.household_number = trip.household_number
            and sales.category_number = trip.category_number

)

-- A quarter must stay together for the zone maps, or each night would read all of them.
select * from final
order by fiscal_quarter_start_date
