{{ config(meta={'dagster': {'ref': {'name': 'customer_360'}}}) }}

-- A returned row says that customers seen from all sides are not those of the dimension, or do not
-- sum to what the marts say of them: sales of the last month's twelve, what is owed, first actions.
with

told as (

    select
        count(*) as customer_count,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(open_amount), 0) as open_amount,
        count(first_action_code) as action_count

    from {{ ref('customer_360') }}

),

known as (

    select count(*) as customer_count
    from {{ ref('dim_customer') }}
    where is_current and customer_key > 0

),

sold as (

    select coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('customer_value') }}
    where
        month_end_date in (
            select max(last_month.month_end_date) from {{ ref('customer_value') }} as last_month
        )

),

owed as (

    select coalesce(sum(open_amount), 0) as open_amount
    from {{ ref('credit_grade') }}

),

offered as (

    select count(distinct customer_id) as action_count
    from {{ ref('next_best_action') }}

)

select
    told.customer_count,
    known.customer_count as known_customer_count,
    told.net_amount,
    sold.net_amount as sold_net_amount,
    told.open_amount,
    owed.open_amount as owed_open_amount,
    told.action_count,
    offered.action_count as offered_action_count

from told
cross join known
cross join sold
cross join owed
cross join offered

where
    told.customer_count <> known.customer_count
    or told.net_amount <> sold.net_amount
    or told.open_amount <> owed.open_amount
    or told.action_count <> offered.action_count
