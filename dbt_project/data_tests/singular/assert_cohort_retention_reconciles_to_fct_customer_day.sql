{{ config(meta={'dagster': {'ref': {'name': 'cohort_retention'}}}) }}

-- A returned row says that the mart and what it leaves out are not all that known customers bought
-- and brought back, in money or in customers. Excluded by name: the anonymous, left out on both
-- sides; customers without a transaction, or whose first one is of a rolled week or of a month that
-- holds one; months before the customer's first transaction (a return of goods bought before the
-- data begins); unripe months.
with

first_transaction as (

    select
        customer_id,
        {{ month_start('min(business_date)') }} as cohort_month

    from {{ ref('fct_customer_day') }}

    where
        customer_key > 0
        and transaction_count > 0
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
    from {{ ref('fct_customer_day') }}

),

fact as (

    -- A month's first day parts dates as the months themselves would.
    select
        sum(bought.net_amount) as net_amount,
        sum(case when first_transaction.customer_id is null then bought.net_amount else 0 end)
            as never_bought_net_amount,
        sum(
            case
                when bought.business_date < first_transaction.cohort_month
                    then bought.net_amount
                else 0
            end
        ) as before_entry_net_amount,
        sum(
            case
                when
                    bought.business_date >= first_transaction.cohort_month
                    and bought.business_date >= last_ripe.unripe_month
                    then bought.net_amount
                else 0
            end
        ) as unripe_net_amount

    from {{ ref('fct_customer_day') }} as bought
    cross join last_ripe
    left join first_transaction on bought.customer_id = first_transaction.customer_id

    where bought.customer_key > 0

),

entered as (

    select count(*) as customer_count from first_transaction

),

mart as (

    select
        sum(net_amount) as net_amount,
        sum(case when tenure_month = 0 then cohort_customer_count else 0 end) as customer_count

    from {{ ref('cohort_retention') }}

)

select
    mart.customer_count as mart_customer_count,
    entered.customer_count as fact_customer_count,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    fact.never_bought_net_amount,
    fact.before_entry_net_amount,
    fact.unripe_net_amount

from mart
cross join fact
cross join entered

where
    coalesce(mart.customer_count, 0) <> entered.customer_count
    or coalesce(mart.net_amount, 0)
    + coalesce(fact.never_bought_net_amount, 0)
    + coalesce(fact.before_entry_net_amount, 0)
    + coalesce(fact.unripe_net_amount, 0)
    <> coalesce(fact.net_amount, 0)
