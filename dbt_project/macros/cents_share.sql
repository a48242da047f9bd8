{#-
    The share of an amount that falls on a row by its part of a whole, in whole cents, rounded half
    up. 0 where the whole is 0. Only the ratio is a double, computed by both engines in the same
    steps; the amount is built from whole cents.
-#}
{% macro cents_share(amount, part, partition) -%}
    coalesce({{ money(
        'cast(floor(100 * cast(' ~ amount ~ ' as double) * cast(' ~ part ~ ' as double)'
        ~ ' / nullif(cast(sum(' ~ part ~ ') over (partition by ' ~ partition ~ ') as double), 0)'
        ~ ' + 0.5) as bigint) * 0.01'
    ) }}, 0)
{%- endmacro %}
