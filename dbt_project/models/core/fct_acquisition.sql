-- Grain: one row per identified customer with a transaction: the first one. Where its receipt is
-- kept no longer, is_rolled, only the date is known.
with

first_basket as (

    select * from {{ ref('fct_basket') }}
    where is_new_customer

),

rolled as (

    select * from {{ ref('int_customer__acquired') }}

),

final as (

    select
        customer_id,
        business_date as acquired_date,
        store_id as entry_store_id,
        channel as entry_channel,
        false as is_rolled

    from first_basket

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
