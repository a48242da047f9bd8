{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_week_start_date', 'fiscal_week_start_date', false) }}"
) }}

-- Grain: one row per fiscal week and department that sold or took back anything in it.
-- transaction_count is not additive over departments: a receipt counts once in each it touches.
-- The lines are summed here, week by week, so that sales_trend never reads them again.
with

sales_line as (

    select
        dim_date.fiscal_week_start_date,
        dim_product.department_name,
        fct_sales.receipt_id,
        fct_sales.line_type,
        fct_sales.quantity,
        fct_sales.unit_count,
        fct_sales.gross_amount,
        fct_sales.line_discount_amount
        + fct_sales.store_coupon_amount
        + fct_sales.basket_discount_amount as discount_amount,
        fct_sales.net_amount,
        fct_sales.margin_amount

    from {{ ref('fct_sales') }} as fct_sales
    inner join {{ ref('dim_date') }} as dim_date
        on fct_sales.business_date = dim_date.date_day
    inner join ({{ as_is('product', ['department_name']) }}) as dim_product
        on fct_sales.product_key = dim_product.product_key

    where {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date', false) }}

),

final as (

    select
        fiscal_week_start_date,
        department_name,
        {{ money('sum(net_amount)') }} as net_amount,
        {{ money("sum(case when line_type = 'sale' then gross_amount else 0 end)") }}
            as gross_amount,
        {{ money("sum(case when line_type = 'sale' then discount_amount else 0 end)") }}
            as discount_amount,
        {{ money("sum(case when line_type = 'return' then -net_amount else 0 end)") }}
            as returns_amount,
        {{ money('sum(margin_amount)') }} as margin_amount,
        {{ quantity('sum(unit_count)') }} as unit_count,
        cast(count(distinct case when {{ is_sale_line() }} then receipt_id end) as bigint)
            as transaction_count

    from sales_line

    group by fiscal_week_start_date, department_name

)

select * from final
