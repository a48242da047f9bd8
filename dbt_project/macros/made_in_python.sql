{#-
    A table that Python makes beside DuckDB, once a night: fits, scores and communities. Spark reads what
    that run left, as Parquet files under var raw_directory.
-#}
{% macro made_in_python(name) -%}
    {{ return(adapter.dispatch('made_in_python', 'tillhouse')(name)) }}
{%- endmacro %}
{% macro duckdb__made_in_python(name) -%}
    {{ return(ref(name)) }}
{%- endmacro %}
{% macro spark__made_in_python(name) -%}
    {{ return(source('scores', name)) }}
{%- endmacro %}
