{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt, line or discount that is an exception at the till. Amounts are not
-- additive over kinds: a void line may stand on any receipt. Lines of a receipt that is an
-- exception itself are not told again.
with

header as (

    select * from {{ ref('stg_pos__transaction') }}
    where {{ is_changed('business_date') }}

),

excluded as (

    select * from {{ ref('int_receipt__excluded') }}
    where {{ is_changed('business_date') }}

),

exception as (

    select
        header.store_id,
        header.workstation_id,
        header.business_date,
        header.transaction_number,
        excluded.exclusion_reason as exception_code,
        0 as line_number,
        0 as modifier_number,
        header.total_net_amount as exception_amount

    from header
    inner join excluded on {{ same_receipt('header', 'excluded') }}

    union all

    select
        line.store_id,
        line.workstation_id,
        line.business_date,
        line.transaction_number,
        'void_line' as exception_code,
        line.line_number,
        0 as modifier_number,
        line.net_amount as exception_amount

    from {{ ref('stg_pos__sales_line') }} as line
    left join excluded on {{ same_receipt('line', 'excluded') }}

    where
        line.exclusion_reason = 'void'
        and excluded.exclusion_reason is null
        and {{ is_changed('line.business_date') }}

    union all

    select
        discount.store_id,
        discount.workstation_id,
        discount.business_date,
        discount.transaction_number,
        'override' as exception_code,
        discount.line_number,
        discount.modifier_number,
        discount.modifier_amount as exception_amount

    from {{ ref('stg_pos__discount') }} as discount
    left join excluded on {{ same_receipt('discount', 'excluded') }}

    where
        discount.modifier_method = 'override'
        and excluded.exclusion_reason is null
        and {{ is_changed('discount.business_date') }}

),

final as (

    select
        {{ receipt_id('exception') }} as receipt_id,
        exception.exception_code,
        cast(exception.line_number as bigint) as line_number,
        cast(exception.modifier_number as bigint) as modifier_number,
        exception.business_date,
        store.store_key,
        store.store_id,
        exception.workstation_id,
        employee.employee_key,
        employee.employee_id,
        {{ money('exception.exception_amount') }} as exception_amount

    from exception
    left join header on {{ same_receipt('exception', 'header') }}
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'exception.store_id', 'exception.business_date') }}
    left join {{ ref('dim_employee') }} as employee
        on coalesce(header.employee_id, {{ unknown_id() }}) = employee.employee_id

)

select * from final
