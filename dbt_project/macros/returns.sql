{#-
    On which days a changed date is seen in fct_returns: on itself, and on those of the returns that
    name a receipt of it, since the sale may be delivered after its return. No sale is matched that is
    later than the return, so that days before the first changed one are not read.
-#}
{% macro return_reach() -%}
    {%- if names_changed() -%}
    select business_date as from_date, business_date as to_date
    from ({{ left_dates('return_date', found_return_dates()) }}) as replaced
    {%- endif -%}
{%- endmacro %}

{#- How they are found. -#}
{% macro found_return_dates() -%}
    {%- if names_changed() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    select business_date
    from {{ changed }}
    where is_fact_changed

    union

    select line.business_date
    from {{ ref('stg_pos__sales_line') }} as line
    where
        line.line_type = 'return'
        and line.business_date >= (select min(business_date) from {{ changed }} where is_fact_changed)
        and line.original_business_date in (
            select business_date from {{ changed }} where is_fact_changed
        )
    {%- endif -%}
{%- endmacro %}

{#-
    The line that sold what a line of the caller's return_line brought back. What no return names is
    left out before the join, which would hash it.
-#}
{% macro original_lines() -%}
    select
        return_line.receipt_id,
        return_line.line_number,
        min(sold.business_date) as original_business_date,
        min(sold.line_number) as original_line_number
    from return_line
    inner join (
        select sale.*
        from {{ ref('fct_sales') }} as sale
        where
            sale.line_type = 'sale'
            and sale.business_date in (select return_line.named_business_date from return_line)
            and sale.receipt_id in (select return_line.original_receipt_id from return_line)
    ) as sold
        on
            return_line.named_business_date = sold.business_date
            and return_line.original_receipt_id = sold.receipt_id
            and return_line.product_id = sold.product_id
            and coalesce(return_line.named_line_number, sold.line_number) = sold.line_number
            and return_line.business_date >= sold.business_date
    group by return_line.receipt_id, return_line.line_number
{%- endmacro %}
