{{ config(meta={'dagster': {'ref': {'name': 'rfm'}}}) }}

-- A returned row says that the customers of the mart and the excluded ones are not all customers,
-- or their money of 365 days not all money of 365 days. Excluded by name: the anonymous, who
-- are left out on both sides as are those who object to profiling, and customers who never had a
-- day with positive net sales.
with

as_of as (

    select {{ add_days('max(business_date)', -364) }} as year_start_date
    from {{ ref('fct_customer_day') }}

),

customer as (

    select
        customer_day.customer_id,
        max(customer_day.net_amount) > 0 as has_bought,
        sum(
            case
                when customer_day.business_date >= as_of.year_start_date
                    then customer_day.net_amount
                else 0
            end
        ) as net_amount

    from {{ ref('fct_customer_day') }} as customer_day
    cross join as_of

    where
        customer_day.customer_key > 0
        and customer_day.customer_id not in ({{ profiling_objector() }})

    group by customer_day.customer_id

),

fact as (

    select
        count(*) as customer_count,
        coalesce(sum(case when not has_bought then 1 else 0 end), 0) as never_bought_count,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(case when not has_bought then net_amount end), 0) as never_bought_net_amount

    from customer

),

mart as (

    select
        count(*) as customer_count,
        coalesce(sum(monetary_amount), 0) as net_amount

    from {{ ref('rfm') }}

)

select
    mart.customer_count as mart_customer_count,
    fact.customer_count as fact_customer_count,
    fact.never_bought_count,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    fact.never_bought_net_amount

from mart
cross join fact

where
    mart.customer_count + fact.never_bought_count <> fact.customer_count
    or mart.net_amount + fact.never_bought_net_amount <> fact.net_amount
