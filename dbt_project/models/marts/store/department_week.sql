{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_week_start_date', 'fiscal_week_start_date', false) }}"
) }}

-- Grain: one row per fiscal week and department that sold or took back anything in it.
-- transaction_count is not additive over departments: a receipt counts once in each it touches. It
-- is NULL in weeks of which receipts are kept no longer: sums do not tell on how many they stood.
-- The lines are summed here, week by week, so that sales_trend never reads them again.
with

sales_week as (

    select
        sales.fiscal_week_start_date,
        dim_product.department_name,
        sum(sales.net_amount) as net_amount,
        sum(sales.gross_amount) as gross_amount,
        sum(sales.discount_amount) as discount_amount,
        sum(sales.returns_amount) as returns_amount,
        sum(sales.margin_amount) as margin_amount,
        sum(sales.unit_count) as unit_count

    from {{ ref('fct_sales_week') }} as sales
    inner join {{ ref('dim_product') }} as dim_product
        on sales.product_id = dim_product.product_id and dim_product.is_current

    where {{ is_changed('sales.fiscal_week_start_date', 'fiscal_week_start_date', false) }}

    group by sales.fiscal_week_start_date, dim_product.department_name

),

rolled_week as (

    select distinct fiscal_week_start_date
    from {{ ref('fct_sales_week') }}
    where is_rolled

),

transaction_week as (

    select
        dim_date.fiscal_week_start_date,
        dim_product.department_name,
        count(distinct fct_sales.receipt_id) as transaction_count

    from {{ ref('fct_sales') }} as fct_sales
    inner join {{ ref('dim_date') }} as dim_date
        on fct_sales.business_date = dim_date.date_day
    inner join ({{ as_is('product', ['department_name']) }}) as dim_product
        on fct_sales.product_key = dim_product.product_key

    where
        {{ is_sale_line() }}
        and {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date', false) }}

    group by dim_date.fiscal_week_start_date, dim_product.department_name

),

final as (

    select
        sales_week.fiscal_week_start_date,
        sales_week.department_name,
        {{ money('sales_week.net_amount') }} as net_amount,
        {{ money('sales_week.gross_amount') }} as gross_amount,
        {{ money('sales_week.discount_amount') }} as discount_amount,
        {{ money('sales_week.returns_amount') }} as returns_amount,
        {{ money('sales_week.margin_amount') }} as margin_amount,
        {{ quantity('sales_week.unit_count') }} as unit_count,
        case
            when rolled_week.fiscal_week_start_date is null
                then cast(coalesce(transaction_week.transaction_count, 0) as bigint)
        end as transaction_count

    from sales_week
    left join rolled_week
        on sales_week.fiscal_week_start_date = rolled_week.fiscal_week_start_date
    left join transaction_week
        on
            sales_week.fiscal_week_start_date = transaction_week.fiscal_week_start_date
            and sales_week.department_name = transaction_week.department_name

)

select * from final
