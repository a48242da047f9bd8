{#-
    What raw itself says of sales, for control totals: beside the way through staging on purpose.
-#}

{#- The rows of a feed that count, of the dates to build. -#}
{% macro counted_row_to_build(feed) -%}
    select * from ({{ counted_row(feed) }}) as counted_row
    where {{ is_changed('business_date') }}
{%- endmacro %}

{#- Lines that are sales or returns and not void, of receipts that no header keeps out. -#}
{% macro counted_sales_line() -%}
    select line.*
    from ({{ counted_row_to_build('pos_line') }}) as line
    left join ({{ counted_row_to_build('pos_transaction') }}) as header
        on
            line.store_id = header.store_id
            and line.workstation_id = header.workstation_id
            and line.business_date = header.business_date
            and line.transaction_seq = header.transaction_seq
    where
        line.line_type in ('sale', 'return')
        and coalesce(line.void_flag, false) = false
        and coalesce(header.training_flag, false) = false
        and coalesce(header.cancel_flag, false) = false
        and coalesce(header.txn_type, 'sale') in ('sale', 'return', 'exchange')
{%- endmacro %}

{#- Basket discounts of receipts that have such lines; negative where nothing was sold. -#}
{% macro counted_basket_discount(lines) -%}
    select
        discount.business_date,
        case when receipt.has_sale = 1 then discount.amount else -discount.amount end as signed_amount
    from ({{ counted_row_to_build('pos_discount') }}) as discount
    inner join (
        select
            store_id,
            workstation_id,
            business_date,
            transaction_seq,
            max(case when line_type = 'sale' then 1 else 0 end) as has_sale
        from {{ lines }}
        group by store_id, workstation_id, business_date, transaction_seq
    ) as receipt
        on
            discount.store_id = receipt.store_id
            and discount.workstation_id = receipt.workstation_id
            and discount.business_date = receipt.business_date
            and discount.transaction_seq = receipt.transaction_seq
    where discount.scope = 'basket'
{%- endmacro %}
