-- Grain: one row per customer whose first transaction is of a week that is kept no longer.
with

acquisition as (

    select * from {{ source('retention', 'acquisition') }}

),

acquired as (

    -- A reference without a link of its own is looked up like that of any fact.
    select
        known_customer.customer_id,
        min(acquisition.acquired_date) as acquired_date

    from acquisition
    inner join {{ ref('int_customer__identified') }} as known_customer
        on acquisition.customer_ref = known_customer.customer_ref

    group by known_customer.customer_id

)

select * from acquired
