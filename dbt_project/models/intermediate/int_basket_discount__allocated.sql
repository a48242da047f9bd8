{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt line that bears a share of a discount on the whole receipt.
-- Shares follow the net of the lines, in whole cents; the last line takes what rounding leaves. The
-- sale lines bear it; of a receipt that only takes back, the return lines do, and it lowers what is
-- paid back. A discount on a receipt without a line that counts has nobody to bear it.
with

discount as (

    select
        store_id,
        workstation_id,
        business_date,
        transaction_number,
        {{ money('sum(modifier_amount)') }} as discount_amount

    from {{ ref('stg_pos__discount') }}

    where
        modifier_scope = 'basket'
        and {{ is_changed('business_date') }}

    group by store_id, workstation_id, business_date, transaction_number

),

line as (

    select
        sales_line.store_id,
        sales_line.workstation_id,
        sales_line.business_date,
        sales_line.transaction_number,
        sales_line.line_number,
        sales_line.line_type,
        sales_line.net_amount,
        discount.discount_amount,
        -- 'sale' comes after 'return', so this is 'return' only where nothing was sold
        max(sales_line.line_type) over (
            partition by {{ receipt_key('sales_line') }}
        ) as last_line_type

    from {{ ref('stg_pos__sales_line') }} as sales_line
    inner join discount
        on {{ same_receipt('sales_line', 'discount') }}
    left join {{ ref('int_receipt__excluded') }} as excluded
        on {{ same_receipt('sales_line', 'excluded') }}

    where coalesce(sales_line.exclusion_reason, excluded.exclusion_reason) is null

),

shared as (

    select
        *,
        {{ cents_share('discount_amount', 'net_amount', receipt_columns()) }} as share_amount,
        row_number() over (
            partition by {{ receipt_columns() }}
            order by line_number desc nulls last
        ) as place_from_end

    from line

    where line_type = last_line_type

),

rounded as (

    select
        *,
        discount_amount - sum(share_amount) over (
            partition by {{ receipt_columns() }}
        ) as rest_amount

    from shared

),

final as (

    select
        store_id,
        workstation_id,
        transaction_number,
        line_number,
        {{ money(
            "case when line_type = 'return' then -1 else 1 end"
            ~ " * (share_amount + case when place_from_end = 1 then rest_amount else 0 end)"
        ) }} as basket_discount_amount,
        business_date

    from rounded

)

select * from final
