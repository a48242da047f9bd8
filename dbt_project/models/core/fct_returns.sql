{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook=[
        {'sql': "{{ leave_dates('return_date', found_return_dates()) }}", 'transaction': false},
        "{{ delete_changed('business_date', reach=return_reach()) }}",
    ]
) }}

-- Grain: one row per return line of fct_sales, on the business date of the return. Quantities and
-- amounts are positive and additive. The line that sold it is the one that the till names, else the
-- first line of the named receipt with the same item; never one of a later day.
with

reference as (

    select
        line.*,
        {{ receipt_id('line') }} as receipt_id,
        {{ original_receipt_id('line') }} as original_receipt_id

    from {{ ref('stg_pos__sales_line') }} as line

    where
        line.line_type = 'return'
        and line.exclusion_reason is null
        and {{ is_changed('line.business_date', reach=return_reach()) }}

),

return_line as (

    select
        sales_line.*,
        {{ reference_id('reference.return_reason_code') }} as return_reason_code,
        reference.is_restocked,
        reference.original_receipt_id,
        reference.original_business_date as named_business_date,
        reference.original_line_number as named_line_number

    from reference
    -- A receipt's number holds its date: joined as well, it keeps the other dates unread.
    inner join {{ ref('fct_sales') }} as sales_line
        on
            reference.business_date = sales_line.business_date
            and reference.receipt_id = sales_line.receipt_id
            and reference.line_number = sales_line.line_number

),

original as (

    {{ original_lines() }}

),

refund as (

    select
        receipt_id,
        case when min(tender_code) = max(tender_code) then min(tender_code) else 'mixed' end
            as refund_tender_code

    from {{ ref('fct_payments') }}

    where
        paid_amount < 0
        and {{ is_changed('business_date', reach=return_reach()) }}

    group by receipt_id

),

final as (

    select
        return_line.receipt_id,
        return_line.line_number,
        return_line.business_date,
        return_line.store_key,
        return_line.store_id,
        return_line.product_key,
        return_line.product_id,
        return_line.customer_key,
        return_line.customer_id,
        return_line.return_reason_code,
        {{ quantity('-return_line.quantity') }} as returned_quantity,
        {{ quantity(
            'case when coalesce(return_line.is_restocked, true) then -return_line.quantity else 0 end'
        ) }} as restocked_quantity,
        {{ money('-return_line.net_amount') }} as returns_amount,
        return_line.original_receipt_id,
        original.original_line_number,
        original.original_business_date,
        original.receipt_id is not null as is_matched,
        {{ days_between('original.original_business_date', 'return_line.business_date') }}
            as return_days,
        coalesce(refund.refund_tender_code, {{ unknown_id() }}) as refund_tender_code

    from return_line
    left join original
        on
            return_line.receipt_id = original.receipt_id
            and return_line.line_number = original.line_number
    left join refund on return_line.receipt_id = refund.receipt_id

)

-- A join gives returns in no order; a date must stay together for the zone maps.
select * from final
order by business_date, receipt_id, line_number
