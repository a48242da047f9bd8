{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per till and business date with receipt headers or a drawer close. Numbers between
-- the first and the last of a day that no header has are receipts that did not come. Numbers rise
-- with time: where the next has an earlier moment, the clock was set back, or was wrong before.
with

receipt as (

    select
        store_id,
        workstation_id,
        business_date,
        transaction_number,
        coalesce(begun_at, ended_at) as told_at,
        lag(coalesce(begun_at, ended_at)) over by_number as previous_at

    from {{ ref('stg_pos__transaction') }}

    where {{ is_changed('business_date') }}

    window by_number as (
        partition by store_id, workstation_id, business_date
        order by transaction_number nulls last
    )

),

header as (

    select
        store_id,
        workstation_id,
        business_date,
        count(distinct transaction_number) as header_count,
        max(transaction_number) - min(transaction_number) + 1 as number_count,
        count(told_at) as told_count,
        {{ count_where(went_back('told_at', 'previous_at')) }} as clock_back_count,
        max({{ seconds_between('told_at', 'previous_at') }}) as longest_back_seconds

    from receipt

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

final as (

    select
        register_day.store_id,
        register_day.workstation_id,
        register_day.business_date,
        cast(coalesce(header.header_count, 0) as bigint) as header_count,
        cast(header.number_count - header.header_count as bigint) as missing_transaction_count,
        {{ money('coalesce(sale.net_amount, 0)') }} as net_amount,
        {{ money('session.z_total_amount') }} as z_total_amount,
        {{ money('coalesce(sale.net_amount, 0) - session.z_total_amount') }} as z_difference_amount,
        abs(coalesce(sale.net_amount, 0) - session.z_total_amount)
        <= {{ var('footing_tolerance') }} as is_footed,
        case when header.told_count > 0 then header.clock_back_count end as clock_back_count,
        case when header.told_count > 0 then greatest(header.longest_back_seconds, 0) end
            as clock_back_seconds

    from register_day
    left join header on {{ same_register_day('register_day', 'header') }}
    left join session on {{ same_register_day('register_day', 'session') }}
    left join sale on {{ same_register_day('register_day', 'sale') }}

)

select * from final
