{#-
    Amounts and quantities of a return line are negative, whichever sign the till wrote. Other lines
    keep the till's sign: a negative sale line is a correction, not a return.
-#}
{% macro signed(column, line_type) -%}
    case when {{ line_type }} = 'return' then -abs({{ column }}) else {{ column }} end
{%- endmacro %}

{#- A discount the till did not write is no discount. -#}
{% macro signed_or_zero(column, line_type) -%}
    coalesce({{ signed(column, line_type) }}, 0)
{%- endmacro %}

{#-
    Pieces of a signed line. Goods sold by piece count their quantity. A weighed or measured line is
    one unit, whatever it weighs. Quantity 0 (a coupon adjustment) is no unit.
-#}
{% macro unit_count(quantity, unit_of_measure) -%}
    case
        when {{ quantity }} = 0 then 0
        when {{ is_piece_unit(unit_of_measure) }} then {{ quantity }}
        when {{ quantity }} < 0 then -1
        else 1
    end
{%- endmacro %}

{#- A blank unit means each. -#}
{% macro is_piece_unit(unit_of_measure) -%}
    (
        {{ unit_of_measure }} is null
        or lower({{ unit_of_measure }}) in (
            {%- for unit in var('piece_units') -%}
            '{{ unit }}'{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    )
{%- endmacro %}

{#- Store, till, business date and receipt number: the degenerate key of a receipt. -#}
{% macro receipt_id(line) -%}
    concat_ws(
        '-',
        {{ line }}.store_id,
        {{ line }}.workstation_id,
        cast({{ line }}.business_date as {{ dbt.type_string() }}),
        cast({{ line }}.transaction_number as {{ dbt.type_string() }})
    )
{%- endmacro %}

{#- A line that makes a transaction: sold, and more than nothing of it. -#}
{% macro is_sale_line() -%}
    line_type = 'sale' and quantity > 0
{%- endmacro %}

{#- The condition that two relations speak of the same receipt. -#}
{% macro same_receipt(left, right) -%}
    {{ left }}.store_id = {{ right }}.store_id
    and {{ left }}.workstation_id = {{ right }}.workstation_id
    and {{ left }}.business_date = {{ right }}.business_date
    and {{ left }}.transaction_number = {{ right }}.transaction_number
{%- endmacro %}

{#- The condition that two relations speak of the same till and business date. -#}
{% macro same_register_day(left, right) -%}
    {{ left }}.store_id = {{ right }}.store_id
    and {{ left }}.workstation_id = {{ right }}.workstation_id
    and {{ left }}.business_date = {{ right }}.business_date
{%- endmacro %}

{#- Whether a moment lies before the one of the receipt before, by more than clocks are set by. -#}
{% macro went_back(moment, previous_moment) -%}
    {{ seconds_between(moment, previous_moment) }} > {{ var('clock_tolerance_seconds') }}
{%- endmacro %}

{#- The quantity that costs: what came back and did not go back on the shelf gives no cost back. -#}
{% macro cost_quantity(line) -%}
    case
        when {{ line }}.line_type = 'return' and not coalesce({{ line }}.is_restocked, true) then 0
        else {{ line }}.quantity
    end
{%- endmacro %}

{#- The receipt that a return line names, as receipt_id writes it; NULL when it names none. -#}
{% macro original_receipt_id(line) -%}
    nullif(concat_ws(
        '-',
        {{ line }}.original_store_id,
        {{ line }}.original_workstation_id,
        cast({{ line }}.original_business_date as {{ dbt.type_string() }}),
        cast({{ line }}.original_transaction_number as {{ dbt.type_string() }})
    ), '')
{%- endmacro %}

{#- The columns that name a receipt, where one relation has them. -#}
{% macro receipt_columns() -%}
    store_id, workstation_id, business_date, transaction_number
{%- endmacro %}

{#- The same of one relation among several. -#}
{% macro receipt_key(relation) -%}
    {{ relation }}.store_id,
    {{ relation }}.workstation_id,
    {{ relation }}.business_date,
    {{ relation }}.transaction_number
{%- endmacro %}

{#- A difference that is more than a receipt or a drawer may have. -#}
{% macro is_unfooted(difference) -%}
    {{ difference }} > {{ var('footing_tolerance') }}
{%- endmacro %}
