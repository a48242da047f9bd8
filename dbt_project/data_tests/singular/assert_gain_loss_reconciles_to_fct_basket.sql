{{ config(meta={'dagster': {'ref': {'name': 'gain_loss'}}}) }}

-- A returned row is a quarter of the mart, or one that it is held against, whose movements, of all
-- stores or of one, do not add up to the net sales of its receipts.
with

store_receipt as (

    select
        dim_date.fiscal_quarter_start_date,
        basket.store_id,
        sum(basket.net_amount) as net_amount

    from {{ ref('fct_basket') }} as basket
    inner join {{ ref('dim_date') }} as dim_date on basket.business_date = dim_date.date_day

    group by dim_date.fiscal_quarter_start_date, basket.store_id

),

receipt as (

    select
        fiscal_quarter_start_date,
        'store' as dimension_code,
        store_id as dimension_id,
        net_amount

    from store_receipt

    union all

    select
        fiscal_quarter_start_date,
        'all' as dimension_code,
        'all' as dimension_id,
        sum(net_amount) as net_amount

    from store_receipt

    group by fiscal_quarter_start_date

),

mart as (

    select
        basis_code,
        fiscal_quarter_start_date,
        base_quarter_start_date,
        dimension_code,
        dimension_id,
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount

    from {{ ref('gain_loss') }}

    where dimension_code in ('all', 'store')

    group by
        basis_code,
        fiscal_quarter_start_date,
        base_quarter_start_date,
        dimension_code,
        dimension_id

)

select
    mart.basis_code,
    mart.fiscal_quarter_start_date,
    mart.dimension_id,
    mart.net_amount as mart_net_amount,
    receipt.net_amount as fact_net_amount,
    mart.base_net_amount as mart_base_net_amount,
    base_receipt.net_amount as fact_base_net_amount

from mart
left join receipt
    on
        mart.fiscal_quarter_start_date = receipt.fiscal_quarter_start_date
        and mart.dimension_code = receipt.dimension_code
        and mart.dimension_id = receipt.dimension_id
left join receipt as base_receipt
    on
        mart.base_quarter_start_date = base_receipt.fiscal_quarter_start_date
        and mart.dimension_code = base_receipt.dimension_code
        and mart.dimension_id = base_receipt.dimension_id

where
    mart.net_amount <> coalesce(receipt.net_amount, 0)
    or mart.base_net_amount <> coalesce(base_receipt.net_amount, 0)
