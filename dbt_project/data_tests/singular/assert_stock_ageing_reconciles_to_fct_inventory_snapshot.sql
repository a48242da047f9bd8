{{ config(meta={'dagster': {'ref': {'name': 'stock_ageing'}}}) }}

-- A returned row is a store and age basis whose bands do not add up to the stock of its day, in
-- units or cost. It guards the joins to bands and items, which must lose nothing and find it once.
with

mart as (

    select
        store_id,
        as_of_date,
        age_basis_code,
        sum(on_hand_quantity) as on_hand_quantity,
        sum(stock_cost_amount) as stock_cost_amount
    from {{ ref('stock_ageing') }}
    group by store_id, as_of_date, age_basis_code

),

fact as (

    select
        mart.store_id,
        mart.age_basis_code,
        sum(stock.on_hand_quantity) as on_hand_quantity,
        sum(stock.stock_cost_amount) as stock_cost_amount
    from mart
    left join {{ ref('fct_inventory_snapshot') }} as stock
        on
            mart.store_id = stock.store_id
            and mart.as_of_date >= stock.from_date
            and mart.as_of_date <= stock.to_date
            and stock.on_hand_quantity > 0
    group by mart.store_id, mart.age_basis_code

)

select
    mart.store_id,
    mart.age_basis_code,
    mart.on_hand_quantity as mart_on_hand_quantity,
    fact.on_hand_quantity as fact_on_hand_quantity,
    mart.stock_cost_amount as mart_stock_cost_amount,
    fact.stock_cost_amount as fact_stock_cost_amount
from mart
left join fact
    on
        mart.store_id = fact.store_id
        and mart.age_basis_code = fact.age_basis_code
where
    mart.on_hand_quantity <> coalesce(fact.on_hand_quantity, 0)
    or coalesce(mart.stock_cost_amount, 0) <> coalesce(fact.stock_cost_amount, 0)
