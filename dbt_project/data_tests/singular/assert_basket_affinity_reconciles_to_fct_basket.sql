{{ config(meta={'dagster': {'ref': {'name': 'basket_affinity'}}}) }}

-- A returned row is a cluster and fiscal period that the night replaced, whose number of baskets
-- is not its number of transactions. Pairs cannot be added up, but what all of them are a share of
-- must be right.
with

fact as (

    select
        calendar.fiscal_period_start_date,
        dim_store.cluster_code,
        count(*) as transaction_count

    from {{ ref('fct_basket') }} as fct_basket
    inner join {{ ref('dim_date') }} as calendar on fct_basket.business_date = calendar.date_day
    inner join {{ ref('dim_store') }} as dim_store
        on fct_basket.store_id = dim_store.store_id and dim_store.is_current

    where
        fct_basket.is_transaction
        and calendar.fiscal_period_start_date in (
            {{ changed_periods('fiscal_period_start_date', false) }}
        )

    group by calendar.fiscal_period_start_date, dim_store.cluster_code

),

mart as (

    select distinct
        fiscal_period_start_date,
        cluster_code,
        basket_count

    from {{ ref('basket_affinity') }}

    where fiscal_period_start_date in ({{ changed_periods('fiscal_period_start_date', false) }})

)

select
    mart.fiscal_period_start_date,
    mart.cluster_code,
    mart.basket_count,
    fact.transaction_count

from mart
left join fact
    on
        mart.fiscal_period_start_date = fact.fiscal_period_start_date
        and mart.cluster_code = fact.cluster_code

where fact.transaction_count is null or mart.basket_count <> fact.transaction_count
