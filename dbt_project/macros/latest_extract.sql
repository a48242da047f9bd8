{#-
    The latest extract of each member of a dated master, whole; with the date among the keys, the latest
    of each day. A row that comes twice was decided on before staging, so that a tie, which file and line
    would break, does not depend on the order of files.
-#}
{% macro latest_extract(relation, keys, moment='extract_date') -%}
    select * from (
        select
            extracted.*,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    {{ moment }} desc nulls last,
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
