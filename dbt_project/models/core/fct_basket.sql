{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook=[{'sql': "{{ leave_dates('basket_date', found_basket_dates()) }}", 'transaction': false},
              "{{ delete_baskets('business_date') }}"]
) }}

-- Grain: one row per receipt. distinct_product_count is not additive over receipts; a count of
-- transactions is a count of rows where is_transaction.
with

sales_line as (

    select * from {{ ref('fct_sales') }}
    where {{ is_basket_date('business_date') }}

),

receipt as (

    -- Date and store are the same on all lines. A customer on any line holds for the receipt: the
    -- unknown member has a negative key, so max finds the known one.
    select
        receipt_id,
        min(business_date) as business_date,
        min(sold_at) as sold_at,
        min(store_key) as store_key,
        max(customer_key) as customer_key,
        min(channel) as channel,
        count(*) as line_count,
        sum(case when {{ is_sale_line() }} then 1 else 0 end) as sale_line_count,
        sum(unit_count) as unit_count,
        sum(case when line_type = 'sale' then gross_amount else 0 end) as gross_amount,
        sum(
            case
                when line_type = 'sale'
                    then line_discount_amount + store_coupon_amount + basket_discount_amount
                else 0
            end
        ) as discount_amount,
        sum(case when line_type = 'return' then -net_amount else 0 end) as returns_amount,
        sum(net_amount) as net_amount,
        sum(cost_amount) as cost_amount,
        {{ count_where('cost_amount is null and quantity <> 0') }} as costless_line_count,
        sum(manufacturer_coupon_amount) as manufacturer_coupon_amount,
        {{ count_where(is_sale_line() ~ ' and promotion_key > 0') }} as promoted_line_count

    from sales_line

    group by receipt_id

),

basket as (

    select
        receipt.receipt_id,
        receipt.business_date,
        receipt.sold_at,
        receipt.store_key,
        store.store_id,
        receipt.customer_key,
        customer.customer_id,
        receipt.channel,
        cast(receipt.line_count as bigint) as line_count,
        cast(receipt.sale_line_count as bigint) as sale_line_count,
        {{ quantity('receipt.unit_count') }} as unit_count,
        cast(receipt.sale_line_count - coalesce(repeated_product.line_count, 0) as bigint)
            as distinct_product_count,
        {{ money('receipt.gross_amount') }} as gross_amount,
        {{ money('receipt.discount_amount') }} as discount_amount,
        {{ money('receipt.returns_amount') }} as returns_amount,
        {{ money('receipt.net_amount') }} as net_amount,
        -- A receipt with a line of unknown cost has no cost: half a cost would look like a margin.
        case when receipt.costless_line_count = 0 then {{ money('receipt.cost_amount') }} end
            as cost_amount,
        case
            when receipt.costless_line_count = 0
                then {{ money('receipt.net_amount - receipt.cost_amount') }}
        end as margin_amount,
        {{ money('receipt.manufacturer_coupon_amount') }} as manufacturer_coupon_amount,
        receipt.sale_line_count > 0 as is_transaction,
        cast(receipt.promoted_line_count as bigint) as promoted_line_count,
        told.duration_seconds

    from receipt
    left join ({{ repeated_products() }}) as repeated_product
        on receipt.receipt_id = repeated_product.receipt_id
    left join {{ ref('dim_store') }} as store on receipt.store_key = store.store_key
    left join {{ ref('dim_customer') }} as customer
        on receipt.customer_key = customer.customer_key
    left join {{ ref('int_receipt__profiled') }} as told
        on
            receipt.business_date = told.business_date
            and receipt.receipt_id = {{ receipt_id('told') }}

),

first_basket as (

    {{ first_baskets() }}

),

final as (

    select
        basket.*,
        first_basket.receipt_id is not null as is_new_customer

    from basket
    left join first_basket on basket.receipt_id = first_basket.receipt_id

)

-- A hash aggregate gives receipts in no order; a date must stay together for the zone maps.
select * from final
order by business_date, receipt_id
