{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_day'}}}) }}

-- A returned row is a customer and a date replaced tonight on which the two do not state the same
-- receipts, transactions or net sales. The gate proves the sums of every date; by customer they
-- hold the marts that read days and no receipts.
with

basket as (

    select
        business_date,
        customer_id,
        count(*) as receipt_count,
        {{ count_where('is_transaction') }} as transaction_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_basket') }}

    where business_date in ({{ changed_periods() }})

    group by business_date, customer_id

),

customer_day as (

    select * from {{ ref('fct_customer_day') }}
    where business_date in ({{ changed_periods() }})

)

select
    coalesce(customer_day.business_date, basket.business_date) as business_date,
    coalesce(customer_day.customer_id, basket.customer_id) as customer_id,
    customer_day.net_amount,
    basket.net_amount as basket_net_amount

from customer_day
full outer join basket
    on
        customer_day.business_date = basket.business_date
        and customer_day.customer_id = basket.customer_id

where
    coalesce(customer_day.receipt_count <> basket.receipt_count, true)
    or customer_day.transaction_count <> basket.transaction_count
    or customer_day.net_amount <> basket.net_amount
