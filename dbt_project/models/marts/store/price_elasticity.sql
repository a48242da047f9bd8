{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_outdated_elasticities() }}"
) }}

-- Grain: one row per item with a price point in the weeks before the last closed fiscal period
-- ended. Nothing is additive. Replaced when a period has closed, or a date before its end changed.
with

as_of as (

    {{ last_closed_period() }}

),

point as (

    {{ price_points_as_of('as_of') }}

),

item_week as (

    {{ logarithmic_item_weeks('point') }}

),

price_week as (

    {{ weeks_of_recurring_items('item_week') }}

),

product as (

    select
        item.product_id,
        min(price_week.price) as lowest_price,
        max(price_week.price) as highest_price,
        count(price_week.store_id) as price_week_count,
        count(distinct price_week.store_id) as store_count,
        count(distinct price_week.fiscal_week_start_date) as week_count

    from (select distinct product_id from point) as item
    left join price_week on item.product_id = price_week.product_id

    group by item.product_id

),

eligible_week as (

    select price_week.*

    from price_week
    inner join product on price_week.product_id = product.product_id

    where {{ has_price_weeks('product') }} and {{ has_prices('product') }}

),

{{ rounds_without_effects('eligible_week', 6) }}

slope as (

    {{ slopes('round_6') }}

),

judged as (

    select
        product.*,
        slope.elasticity,
        {{ slope_standard_error('slope', degrees_of_freedom('product')) }} as standard_error,
        {{ student_t_95(degrees_of_freedom('product')) }} as student_t,
        sqrt(slope.price_squares / product.price_week_count) as price_deviation,
        {{ missing_elasticity_reason('product', 'slope') }} as missing_reason

    from product
    left join slope on product.product_id = slope.product_id

),

final as (

    select
        judged.product_id,
        as_of.as_of_date,
        cast(judged.price_week_count as bigint) as price_week_count,
        cast(judged.store_count as bigint) as store_count,
        cast(judged.week_count as bigint) as week_count,
        {{ rounded_money('judged.lowest_price') }} as lowest_price_amount,
        {{ rounded_money('judged.highest_price') }} as highest_price_amount,
        {{ stated('judged.price_deviation', 'true') }} as price_deviation,
        {{ stated('judged.elasticity') }} as elasticity,
        {{ stated('judged.standard_error') }} as elasticity_standard_error,
        {{ stated('judged.elasticity - judged.student_t * judged.standard_error') }}
            as lower_elasticity,
        {{ stated('judged.elasticity + judged.student_t * judged.standard_error') }}
            as upper_elasticity,
        judged.missing_reason

    from judged
    cross join as_of

)

select * from final
