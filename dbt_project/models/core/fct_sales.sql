{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt line that is a sale or a return and not void, of a receipt that its
-- header does not keep out, signed: returns are negative. Net is after the line's share of
-- discounts on the whole receipt. Amounts and counts add up; receipt_id is not counted per line.
-- Keys are joined, since an md5 a line would double the cost. Rows keep the order of raw, by date.
with

sales_line as (

    select * from {{ ref('stg_pos__sales_line') }}
    where {{ is_changed('business_date') }}

),

coverage_feed as (

    select count(*) as covered_day_count from {{ ref('int_promo_coverage__dated') }}

),

covered_line as (

    -- The condition is always true. DuckDB guesses that a filter keeps a fifth, and sales_line has
    -- one: without this, covered_line looks larger, and the lines would be hashed to be probed.
    select * from {{ ref('int_promo_coverage__matched') }}
    where promotion_id is not null

),

promoted_line as (

    select
        line.*,
        coalesce(allocated.basket_discount_amount, 0) as basket_discount_amount,
        line.net_amount - coalesce(allocated.basket_discount_amount, 0) as paid_amount,
        {{ cost_quantity('line') }} * line.unit_cost_amount as line_cost_amount,
        {{ profile_attributes('told', 'overridden') }},
        {{ resolved_promotion('line', 'covered_line', 'covered_day', 'coverage_feed') }}
            as resolved_promotion_id

    from sales_line as line
    cross join coverage_feed
    left join covered_line
        on {{ covers_line('covered_line', 'line') }}
    left join {{ ref('int_promo_coverage__dated') }} as covered_day
        on line.store_id = covered_day.store_id and line.business_date = covered_day.business_date
    left join {{ ref('int_basket_discount__allocated') }} as allocated
        on {{ same_receipt('line', 'allocated') }} and line.line_number = allocated.line_number
    left join {{ ref('int_receipt__excluded') }} as excluded
        on {{ same_receipt('line', 'excluded') }}
    left join {{ ref('int_receipt__profiled') }} as told on {{ same_receipt('line', 'told') }}
    left join {{ ref('int_sales_line__overridden') }} as overridden
        on {{ same_receipt('line', 'overridden') }} and line.line_number = overridden.line_number

    -- One condition for both, since DuckDB guesses anew with each.
    where coalesce(line.exclusion_reason, excluded.exclusion_reason) is null

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        {{ receipt_id('line') }} as receipt_id,
        line.line_number,
        line.business_date,
        line.sold_at,
        store.store_key,
        store.store_id,
        line.workstation_id,
        product.product_key,
        product.product_id,
        customer.customer_key,
        customer.customer_id,
        line.customer_ref,
        promotion.promotion_key,
        employee.employee_key,
        employee.employee_id,
        profile.transaction_profile_key,
        line.line_type,
        line.channel,
        line.unit_of_measure,
        {{ quantity('line.quantity') }} as quantity,
        {{ quantity(unit_count('line.quantity', 'line.unit_of_measure')) }} as unit_count,
        {{ money('line.net_amount + line.line_discount_amount + line.store_coupon_amount') }}
            as gross_amount,
        {{ money('line.line_discount_amount') }} as line_discount_amount,
        {{ money('line.store_coupon_amount') }} as store_coupon_amount,
        {{ money('line.basket_discount_amount') }} as basket_discount_amount,
        {{ money('line.paid_amount') }} as net_amount,
        {{ money('line.manufacturer_coupon_amount') }} as manufacturer_coupon_amount,
        {{ money('line.tax_amount') }} as tax_amount,
        {{ money('line.line_cost_amount') }} as cost_amount,
        {{ money('line.paid_amount - ' ~ money('line.line_cost_amount')) }} as margin_amount,
        case when line.unit_cost_amount is null then 'none' else 'line' end as unit_cost_source

    from promoted_line as line
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', reference_id('line.store_id'), 'line.business_date') }}
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', reference_id('line.product_id'), 'line.business_date') }}
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on(reference_id('line.customer_ref'), 'line.business_date') }}
    left join {{ ref('dim_promotion') }} as promotion
        on line.resolved_promotion_id = promotion.promotion_id
    left join {{ ref('dim_employee') }} as employee
        on {{ reference_id('line.salesperson_id') }} = employee.employee_id
    left join {{ ref('int_transaction_profile__possible') }} as profile
        on {{ has_profile('line', 'profile') }}

)

select * from final
