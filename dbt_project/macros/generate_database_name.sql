{#- DuckDB keeps views over raw data in the catalog `raw`; Spark knows schemas only. -#}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {%- if target.type == 'spark' -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(custom_database_name or target.database) }}
{%- endmacro %}
