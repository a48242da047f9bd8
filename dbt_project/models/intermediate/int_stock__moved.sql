{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store, item and business date on which it moved, by the stock system and the
-- tills together. A table, so that the inventory, which rewrites whole periods, need not read the
-- sales of all their days each night. The stock system is asked first: on a store-day on which it
-- tells sales or returns itself, the tills would count them twice. On a date of which it says
-- nothing of any store the tills are not asked: the rest of what moved is unknown.
with

movement as (

    select * from {{ ref('stg_stock__movement') }}
    where {{ is_changed('business_date') }}

),

told as (

    -- Nothing where the store's receipts are kept no longer: half of what moved would be worse than
    -- none of it.
    select movement.*
    from movement
    left join {{ ref('int_sales_day__rolled') }} as rolled
        on
            movement.store_id = rolled.store_id
            and movement.business_date = rolled.business_date
    where rolled.store_id is null

),

told_day as (

    select
        store_id,
        business_date,
        {{ count_where("movement_type_code in ('sale', 'return')") }} > 0 as has_sales
    from told
    group by store_id, business_date

),

told_date as (

    select distinct business_date from told_day

),

rung as (

    select
        store_id,
        product_id,
        business_date,
        -quantity as movement_quantity
    from {{ ref('fct_sales') }}
    where line_type = 'sale' and {{ is_changed('business_date') }}

    union all

    select
        store_id,
        product_id,
        business_date,
        restocked_quantity as movement_quantity
    from {{ ref('fct_returns') }}
    where {{ is_changed('business_date') }}

),

moved as (

    select
        store_id,
        product_id,
        business_date,
        movement_quantity
    from told

    union all

    select
        rung.store_id,
        rung.product_id,
        rung.business_date,
        rung.movement_quantity
    from rung
    inner join told_date on rung.business_date = told_date.business_date
    left join told_day
        on
            rung.store_id = told_day.store_id
            and rung.business_date = told_day.business_date
    where not coalesce(told_day.has_sales, false)

),

final as (

    select
        store_id,
        product_id,
        {{ quantity('sum(movement_quantity)') }} as movement_quantity,
        business_date

    from moved

    group by store_id, product_id, business_date

)

-- A hash aggregate gives items in no order; a date must stay together for the zone maps.
select * from final
order by business_date, store_id
