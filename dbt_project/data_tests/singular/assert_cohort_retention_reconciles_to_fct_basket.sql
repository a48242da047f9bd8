{{ config(meta={'dagster': {'ref': {'name': 'cohort_retention'}}}) }}

-- A returned row says that the mart and what it leaves out are not all receipts of known customers,
-- in money or in customers. Excluded by name: anonymous receipts, left out on both sides;
-- customers without a transaction, or whose first one is of a rolled week or of a month that holds
-- one; months before the customer's first transaction (a return of goods bought before the data
-- begins); unripe months.
with

first_transaction as (

    select
        customer_id,
        {{ month_start('min(business_date)') }} as cohort_month

    from {{ ref('fct_basket') }}

    where
        customer_key > 0
        and is_transaction
        and customer_id not in (
            select known.customer_id from {{ ref('fct_acquisition') }} as known
            where known.is_rolled
        )

    group by customer_id

    having {{ is_after_rolled_months(month_start('min(business_date)')) }}

),

last_ripe as (

    -- The first day after the last month that has ended within the data.
    select {{ month_start(add_days('max(business_date)', 1)) }} as unripe_month
    from {{ ref('fct_basket') }}

),

fact as (

    select
        sum(receipt.net_amount) as net_amount,
        sum(case when first_transaction.customer_id is null then receipt.net_amount else 0 end)
            as never_bought_net_amount,
        sum(
            case
                when {{ month_start('receipt.business_date') }} < first_transaction.cohort_month
                    then receipt.net_amount
                else 0
            end
        ) as before_entry_net_amount,
        sum(
            case
                when
                    {{ month_start('receipt.business_date') }} >= first_transaction.cohort_month
                    and receipt.business_date >= last_ripe.unripe_month
                    then receipt.net_amount
                else 0
            end
        ) as unripe_net_amount,
        count(distinct first_transaction.customer_id) as customer_count

    from {{ ref('fct_basket') }} as receipt
    cross join last_ripe
    left join first_transaction on receipt.customer_id = first_transaction.customer_id

    where receipt.customer_key > 0

),

mart as (

    select
        sum(net_amount) as net_amount,
        sum(case when tenure_month = 0 then cohort_customer_count else 0 end) as customer_count

    from {{ ref('cohort_retention') }}

)

select
    mart.customer_count as mart_customer_count,
    fact.customer_count as fact_customer_count,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    fact.never_bought_net_amount,
    fact.before_entry_net_amount,
    fact.unripe_net_amount

from mart
cross join fact

where
    coalesce(mart.customer_count, 0) <> fact.customer_count
    or coalesce(mart.net_amount, 0)
    + coalesce(fact.never_bought_net_amount, 0)
    + coalesce(fact.before_entry_net_amount, 0)
    + coalesce(fact.unripe_net_amount, 0)
    <> coalesce(fact.net_amount, 0)
