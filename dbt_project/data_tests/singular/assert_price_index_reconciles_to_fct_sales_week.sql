{{ config(meta={'dagster': {'ref': {'name': 'price_index'}}}) }}

-- A returned row is an item and fiscal week of which the index says another amount was paid than
-- the sales of the week do. It guards the join of prices to sales: two rows of a product or week
-- would count its sales twice in its category.
with

mart as (

    select
        member_code as product_id,
        fiscal_week_start_date,
        competitor_name,
        own_basket_amount

    from {{ ref('price_index') }}

    where index_level = 'item' and own_basket_amount is not null

),

fact as (

    select
        product_id,
        fiscal_week_start_date,
        sum(
            net_amount
            {%- if var('shelf_price_holds_tax') %} + coalesce(tax_amount, 0){% endif %}
        ) as paid_amount

    from {{ ref('fct_sales_week') }}

    where product_id in (select mart.product_id from mart)

    group by product_id, fiscal_week_start_date

)

select
    mart.product_id,
    mart.fiscal_week_start_date,
    mart.competitor_name,
    mart.own_basket_amount,
    fact.paid_amount

from mart
left join fact
    on
        mart.product_id = fact.product_id
        and mart.fiscal_week_start_date = fact.fiscal_week_start_date

where fact.paid_amount is null or mart.own_basket_amount <> fact.paid_amount
