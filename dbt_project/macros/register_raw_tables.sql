{#-
    Spark has no raw.duckdb: register the Parquet files under var raw_directory as tables of the same
    names, <raw_directory>/<schema>/<table>/*.parquet for every source. DuckDB attaches the file.
-#}
{% macro register_raw_tables() -%}
    {%- if target.type == 'spark' and execute and var('raw_directory') -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique -%}
            {%- do run_query('create database if not exists ' ~ schema) -%}
        {%- endfor -%}
        {%- for source in graph.sources.values() -%}
            {%- do run_query(
                'create table if not exists ' ~ source.schema ~ '.' ~ source.identifier
                ~ " using parquet location '"
                ~ var('raw_directory') ~ '/' ~ source.schema ~ '/' ~ source.identifier ~ "'"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
