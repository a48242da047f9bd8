{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_rate_reach()
    ) }}"
) }}

-- Grain: one row per store, category, fiscal week in which stock was told and weekday, for
-- categories whose lines of the eight weeks before are not spread evenly over the days on which the
-- store traded, beyond chance. A weekday without a row is like any other. Not additive.
with

week as (

    select distinct told_date.fiscal_week_start_date
    from {{ ref('int_stock__delivered') }} as delivered
    inner join {{ ref('dim_date') }} as told_date on delivered.business_date = told_date.date_day
    where {{ is_changed(
        'told_date.fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_rate_reach()
    ) }}

),

rated_day as (

    select week.fiscal_week_start_date, dim_date.date_day, dim_date.day_of_week_number
    from week
    inner join {{ ref('dim_date') }} as dim_date
        on
            week.fiscal_week_start_date > dim_date.date_day
            and dim_date.date_day
            >= {{ add_days('week.fiscal_week_start_date', '-' ~ rate_days()) }}

),

category_day as (

    select
        fct_sales.store_id,
        product.category_name,
        fct_sales.business_date,
        count(*) as line_count
    from {{ ref('fct_sales') }} as fct_sales
    inner join (select distinct date_day from rated_day) as rated_date
        on fct_sales.business_date = rated_date.date_day
    inner join ({{ as_is('product', ['category_name']) }}) as product
        on fct_sales.product_key = product.product_key
    where fct_sales.line_type = 'sale'
    group by fct_sales.store_id, product.category_name, fct_sales.business_date

),

weekday as (

    select
        rated_day.fiscal_week_start_date,
        category_day.store_id,
        category_day.category_name,
        rated_day.day_of_week_number,
        sum(category_day.line_count) as line_count
    from category_day
    inner join rated_day on category_day.business_date = rated_day.date_day
    group by
        rated_day.fiscal_week_start_date, category_day.store_id, category_day.category_name,
        rated_day.day_of_week_number

),

traded as (

    select
        rated_day.fiscal_week_start_date,
        sales_day.store_id,
        rated_day.day_of_week_number,
        count(*) as day_count
    from {{ ref('fct_sales_day') }} as sales_day
    inner join rated_day on sales_day.business_date = rated_day.date_day
    where not sales_day.is_rolled
    group by rated_day.fiscal_week_start_date, sales_day.store_id, rated_day.day_of_week_number

),

compared as (

    {{ weekday_lines() }}

),

final as (

    select
        tested.store_id,
        tested.category_name,
        tested.day_of_week_number,
        cast(tested.line_count as bigint) as line_count,
        {{ ratio('tested.line_count', 'tested.expected_line_count') }} as weekday_index,
        tested.fiscal_week_start_date
    from (
        select
            *,
            -- Decimals: sums of doubles depend on their order, and one may lie at the limit.
            sum(
                cast(
                    power(line_count - expected_line_count, 2) / expected_line_count
                    as decimal(28, 9)
                )
            ) over (
                partition by fiscal_week_start_date, store_id, category_name
            ) as chi_square
        from compared
    ) as tested
    cross join {{ ref('stock_parameter') }} as parameter
    where tested.chi_square > parameter.min_weekday_chi_square

)

select * from final
