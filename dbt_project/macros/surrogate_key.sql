{#-
    A stable bigint key from natural key columns, the same on every engine and in every build.
    Never negative: -1 unknown, -2 not applicable, -3 erased and 0 are special members.
    Costs an md5 a row: dimensions compute it, facts join the dimension to get it.
-#}
{% macro surrogate_key(columns) -%}
    {{ hash_to_integer("concat_ws('|', " ~ columns | join(', ') ~ ")") }}
{%- endmacro %}
