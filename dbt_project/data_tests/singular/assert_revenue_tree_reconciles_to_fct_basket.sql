{{ config(meta={'dagster': {'ref': {'name': 'revenue_tree'}}}) }}

-- A returned row is a pair of quarters whose net change is not that of the receipts of either.
with

receipt as (

    select
        dim_date.fiscal_quarter_start_date,
        sum(basket.net_amount) as net_amount

    from {{ ref('fct_basket') }} as basket
    inner join {{ ref('dim_date') }} as dim_date on basket.business_date = dim_date.date_day

    group by dim_date.fiscal_quarter_start_date

)

select
    mart.basis_code,
    mart.fiscal_quarter_start_date,
    mart.net_change_amount as mart_net_change_amount,
    this_receipt.net_amount - base_receipt.net_amount as fact_net_change_amount

from {{ ref('revenue_tree') }} as mart
left join receipt as this_receipt
    on mart.fiscal_quarter_start_date = this_receipt.fiscal_quarter_start_date
left join receipt as base_receipt
    on mart.base_quarter_start_date = base_receipt.fiscal_quarter_start_date

where
    mart.net_change_amount
    <> coalesce(this_receipt.net_amount, 0) - coalesce(base_receipt.net_amount, 0)
