{{ config(meta={'dagster': {'ref': {'name': 'gain_loss'}}}) }}
{%- set changed = changed_periods('fiscal_quarter_start_date', false) %}

-- A returned row is a category in a quarter of the mart, or in one that it is held against, whose
-- movements do not add up to what was sold of it by week. It asks in pairs of which a date changed:
-- sales by item and week are many, and other pairs stand as they were when they were asked.
with

mart as (

    select
        basis_code,
        fiscal_quarter_start_date,
        base_quarter_start_date,
        dimension_id as category_name,
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount

    from {{ ref('gain_loss') }}

    where
        dimension_code = 'category'
        and (
            fiscal_quarter_start_date in ({{ changed }})
            or base_quarter_start_date in ({{ changed }})
        )

    group by basis_code, fiscal_quarter_start_date, base_quarter_start_date, dimension_id

),

asked_quarter as (

    select fiscal_quarter_start_date from mart

    union

    select base_quarter_start_date from mart

),

asked_week as (

    select distinct
        dim_date.fiscal_week_start_date,
        dim_date.fiscal_quarter_start_date

    from {{ ref('dim_date') }} as dim_date
    inner join asked_quarter
        on dim_date.fiscal_quarter_start_date = asked_quarter.fiscal_quarter_start_date

),

sold as (

    select
        asked_week.fiscal_quarter_start_date,
        coalesce(product.category_name, 'Unknown') as category_name,
        sum(item_week.net_amount) as net_amount

    from {{ ref('fct_sales_week') }} as item_week
    inner join asked_week
        on item_week.fiscal_week_start_date = asked_week.fiscal_week_start_date
    left join {{ ref('dim_product') }} as product
        on item_week.product_id = product.product_id and product.is_current

    group by asked_week.fiscal_quarter_start_date, coalesce(product.category_name, 'Unknown')

)

select
    mart.basis_code,
    mart.fiscal_quarter_start_date,
    mart.category_name,
    mart.net_amount as mart_net_amount,
    sold.net_amount as fact_net_amount,
    mart.base_net_amount as mart_base_net_amount,
    base_sold.net_amount as fact_base_net_amount

from mart
left join sold
    on
        mart.fiscal_quarter_start_date = sold.fiscal_quarter_start_date
        and mart.category_name = sold.category_name
left join sold as base_sold
    on
        mart.base_quarter_start_date = base_sold.fiscal_quarter_start_date
        and mart.category_name = base_sold.category_name

where
    mart.net_amount <> coalesce(sold.net_amount, 0)
    or mart.base_net_amount <> coalesce(base_sold.net_amount, 0)
