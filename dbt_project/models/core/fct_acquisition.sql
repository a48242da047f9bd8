-- Grain: one row per identified customer with a transaction: the first one. Where its receipt is
-- kept no longer, is_rolled, only the date is known. Among receipts of the first date the earliest
-- moment decides, then the receipt's number.
with

first_date as (

    -- Found before rows are ranked: a hash of customers is cheaper than a sort of all receipts.
    select
        customer_id,
        min(business_date) as business_date

    from {{ ref('fct_basket') }}

    where customer_key > 0 and is_transaction

    group by customer_id

),

first_receipt as (

    select
        ranked.customer_id,
        ranked.business_date,
        ranked.store_id,
        ranked.channel

    from (
        select
            basket.customer_id,
            basket.business_date,
            basket.store_id,
            basket.channel,
            row_number() over (
                partition by basket.customer_id
                order by basket.sold_at asc nulls last, basket.receipt_id asc nulls last
            ) as receipt_rank
        from {{ ref('fct_basket') }} as basket
        inner join first_date
            on
                basket.customer_id = first_date.customer_id
                and basket.business_date = first_date.business_date
        where basket.is_transaction
    ) as ranked

    where ranked.receipt_rank = 1

),

rolled as (

    select * from {{ ref('int_customer__acquired') }}

),

final as (

    select
        first_receipt.customer_id,
        first_receipt.business_date as acquired_date,
        first_receipt.store_id as entry_store_id,
        first_receipt.channel as entry_channel,
        false as is_rolled

    from first_receipt
    left join rolled on first_receipt.customer_id = rolled.customer_id

    where rolled.customer_id is null

    union all

    select
        customer_id,
        acquired_date,
        cast(null as {{ dbt.type_string() }}) as entry_store_id,
        cast(null as {{ dbt.type_string() }}) as entry_channel,
        true as is_rolled

    from rolled

)

select * from final
