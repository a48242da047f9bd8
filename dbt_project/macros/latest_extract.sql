{#-
    The latest extract of each member of a dated master, whole. A tie goes to the later file and line.
-#}
{% macro latest_extract(relation, keys) -%}
    select * from (
        select
            extracted.*,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    extract_date desc nulls last,
                    _file_id desc nulls last,
                    _line_number desc nulls last
            ) as recency_number
        from {{ relation }} as extracted
    ) as ranked
    where recency_number = 1
{%- endmacro %}

{#- The last value that is filled, by the moment of the change; moments of a case are unique. -#}
{% macro last_filled(column, moment) -%}
    max_by({{ column }}, case when {{ column }} is not null then {{ moment }} end)
{%- endmacro %}
