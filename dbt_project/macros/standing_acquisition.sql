{#-
    fct_acquisition as the last build left it, for fct_basket. No ref: it is made of fct_basket. It has
    a file of its own, because a unit test replaces no macro within the file that calls it.
-#}
{% macro standing_acquisition() -%}
    {%- if execute -%}
    {{ api.Relation.create(
        database=this.database, schema=this.schema, identifier='fct_acquisition'
    ) }}
    {%- endif -%}
{%- endmacro %}
