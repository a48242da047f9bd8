{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store and business date with receipt headers that count. Lines of every type
-- but void ones make the total: a gift card is owed too. Tenders are judged where the tender feed
-- says anything of the store on that date.
with

header as (

    select receipt.*
    from {{ ref('stg_pos__transaction') }} as receipt
    left join {{ ref('int_receipt__excluded') }} as excluded
        on {{ same_receipt('receipt', 'excluded') }}
    where
        excluded.exclusion_reason is null
        and {{ is_changed('receipt.business_date') }}

),

line as (

    select
        {{ receipt_key('sales_line') }},
        sum(sales_line.net_amount - coalesce(allocated.basket_discount_amount, 0)) as net_amount

    from {{ ref('stg_pos__sales_line') }} as sales_line
    left join {{ ref('int_basket_discount__allocated') }} as allocated
        on
            {{ same_receipt('sales_line', 'allocated') }}
            and sales_line.line_number = allocated.line_number

    where
        coalesce(sales_line.exclusion_reason, '')
        not in ('void', 'duplicate', 'conflict', 'replaced')
        and {{ is_changed('sales_line.business_date') }}

    group by {{ receipt_key('sales_line') }}

),

tender as (

    select
        store_id,
        workstation_id,
        business_date,
        transaction_number,
        sum(tendered_amount - change_amount) as paid_amount

    from {{ ref('stg_pos__tender') }}

    where {{ is_changed('business_date') }}

    group by store_id, workstation_id, business_date, transaction_number

),

tender_day as (

    select distinct store_id, business_date
    from tender

),

compared as (

    select
        header.store_id,
        header.business_date,
        {{ receipt_id('header') }} as receipt_id,
        abs(coalesce(line.net_amount, 0) + header.total_tax_amount - header.total_gross_amount)
            as footing_difference,
        case
            when tender_day.store_id is not null
                then abs(coalesce(tender.paid_amount, 0) - header.total_gross_amount)
        end as tender_difference

    from header
    left join line on {{ same_receipt('header', 'line') }}
    left join tender on {{ same_receipt('header', 'tender') }}
    left join tender_day
        on
            header.store_id = tender_day.store_id
            and header.business_date = tender_day.business_date

),

final as (

    select
        store_id,
        business_date,
        cast(count(*) as bigint) as counted_receipt_count,
        {{ count_where(is_unfooted('footing_difference')) }}
            as unfooted_receipt_count,
        {{ money('sum(footing_difference)') }} as footing_difference_amount,
        cast(count(tender_difference) as bigint) as tendered_receipt_count,
        {{ count_where(is_unfooted('tender_difference')) }}
            as unpaid_receipt_count,
        {{ money('coalesce(sum(tender_difference), 0)') }} as tender_difference_amount,
        min(
            case
                when {{ is_unfooted('footing_difference') }} then receipt_id
                when {{ is_unfooted('tender_difference') }} then receipt_id
            end
        ) as first_unfooted_receipt_id

    from compared

    group by store_id, business_date

)

select * from final
