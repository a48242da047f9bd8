{#- Whether a load warned that a file's columns are not those of its mapping. -#}
{% macro has_drifted(warning) -%}
    ({{ warning }} like '%not mapped: %' or {{ warning }} like '%not in the file: %')
{%- endmacro %}
