{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per till and business date with receipt headers or a drawer close. Numbers between
-- the first and the last of a day that no header has are receipts that did not come.
with

header as (

    select
        store_id,
        workstation_id,
        business_date,
        count(distinct transaction_number) as header_count,
        max(transaction_number) - min(transaction_number) + 1 as number_count

    from {{ ref('stg_pos__transaction') }}

    where {{ is_changed('business_date') }}

    group by store_id, workstation_id, business_date

),

session as (

    select
        store_id,
        workstation_id,
        business_date,
        sum(z_total_amount) as z_total_amount

    from {{ ref('fct_register_session') }}

    where {{ is_changed('business_date') }}

    group by store_id, workstation_id, business_date

),

sale as (

    select
        store_id,
        workstation_id,
        business_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_sales') }}

    where {{ is_changed('business_date') }}

    group by store_id, workstation_id, business_date

),

register_day as (

    select store_id, workstation_id, business_date from header

    union

    select store_id, workstation_id, business_date from session

),

compared as (

    select
        register_day.store_id,
        register_day.workstation_id,
        register_day.business_date,
        coalesce(header.header_count, 0) as header_count,
        header.number_count - header.header_count as missing_transaction_count,
        coalesce(sale.net_amount, 0) as net_amount,
        session.z_total_amount,
        coalesce(sale.net_amount, 0) - session.z_total_amount as z_difference_amount

    from register_day
    left join header
        on
            register_day.store_id = header.store_id
            and register_day.workstation_id = header.workstation_id
            and register_day.business_date = header.business_date
    left join session
        on
            register_day.store_id = session.store_id
            and register_day.workstation_id = session.workstation_id
            and register_day.business_date = session.business_date
    left join sale
        on
            register_day.store_id = sale.store_id
            and register_day.workstation_id = sale.workstation_id
            and register_day.business_date = sale.business_date

),

final as (

    select
        store_id,
        workstation_id,
        business_date,
        cast(header_count as bigint) as header_count,
        cast(missing_transaction_count as bigint) as missing_transaction_count,
        {{ money('net_amount') }} as net_amount,
        {{ money('z_total_amount') }} as z_total_amount,
        {{ money('z_difference_amount') }} as z_difference_amount,
        abs(z_difference_amount) <= {{ var('footing_tolerance') }} as is_footed

    from compared

)

select * from final
