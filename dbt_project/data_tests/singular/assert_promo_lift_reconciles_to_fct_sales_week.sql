{{ config(meta={'dagster': {'ref': {'name': 'promo_lift'}}}) }}

-- A returned row is an offer of just one fiscal week that sold for another amount than the week.
-- It guards the join of lines to offers, which must find each line once. Offers of the last eight
-- weeks: the others stand as they were when they were tested.
with

mart as (

    select
        promotion_id,
        product_id,
        store_id,
        from_date,
        net_amount

    from {{ ref('promo_lift') }}

    where
        {{ days_between('from_date', 'to_date') }} = 6
        and from_date in (
            select dim_date.fiscal_week_start_date from {{ ref('dim_date') }} as dim_date
        )
        and from_date > (
            select {{ add_days('max(sales_day.business_date)', -56) }}
            from {{ ref('fct_sales_day') }} as sales_day
        )

),

fact as (

    select
        product_id,
        store_id,
        fiscal_week_start_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_sales_week') }}

    where fiscal_week_start_date in (select mart.from_date from mart)

    group by product_id, store_id, fiscal_week_start_date

)

select
    mart.promotion_id,
    mart.product_id,
    mart.store_id,
    mart.from_date,
    mart.net_amount,
    fact.net_amount as fact_net_amount

from mart
left join fact
    on
        mart.product_id = fact.product_id
        and mart.store_id = fact.store_id
        and mart.from_date = fact.fiscal_week_start_date

where mart.net_amount <> coalesce(fact.net_amount, 0)
