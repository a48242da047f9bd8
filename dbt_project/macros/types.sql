{#- Money in the reporting currency. -#}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{#- Pieces, weights and measures. -#}
{% macro quantity(expression) -%}
    cast({{ expression }} as decimal(18, 3))
{%- endmacro %}

{#- A share or ratio as double: NULL when the denominator is 0. Both sides are summed before. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{#-
    Money out of a double, rounded half up. A plain cast is not the same on both engines: a double
    lies a hair beside the half that it stands for, and one engine rounds its shortest text.
-#}
{% macro rounded_money(expression) -%}
    {{ money('cast(floor((' ~ expression ~ ') * 10000 + 0.5) as bigint) * 0.0001') }}
{%- endmacro %}

{#- Pieces out of a double, rounded half up, as money is. -#}
{% macro rounded_quantity(expression) -%}
    {{ quantity('cast(floor((' ~ expression ~ ') * 1000 + 0.5) as bigint) * 0.001') }}
{%- endmacro %}

{#- A text without outer blanks; NULL when nothing is left. -#}
{% macro filled_text(expression) -%}
    nullif(trim({{ expression }}), '')
{%- endmacro %}

{#- How many rows of a group the condition holds for. -#}
{% macro count_where(condition) -%}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint)
{%- endmacro %}

{#- True when two values differ, where two NULLs do not and one does. -#}
{% macro differs(left, right) -%}
    coalesce({{ left }} <> {{ right }}, ({{ left }} is null) <> ({{ right }} is null))
{%- endmacro %}
