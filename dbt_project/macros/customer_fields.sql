{#- How what sources say of a customer becomes fields of a customer's version. -#}

{#-
    Where somebody lives, coarse enough to name nobody: the first characters of the postal code, with
    the country in front. At least two characters are left out, and a text without a digit is no code.
-#}
{% macro postal_part(country, postcode, character_count) -%}
    {%- set code = "upper(replace(replace(" ~ postcode ~ ", ' ', ''), '-', ''))" -%}
    case
        when length({{ code }}) > 2 and translate({{ code }}, '0123456789', '') <> {{ code }}
            then concat_ws(
                '-',
                nullif(upper(trim({{ country }})), ''),
                substr({{ code }}, 1, least({{ character_count }}, length({{ code }}) - 2))
            )
    end
{%- endmacro %}

{#-
    The expression in the first record that fills the attribute. The country is that of the record
    whose postal area survives, where one says so: halves of two addresses are no address.
-#}
{% macro survivor(expression, attribute) -%}
    {%- set first = first_filled(expression, attribute, 'record_rank') -%}
    {%- if attribute == 'country' -%}
    coalesce(
        min_by(
            {{ expression }},
            case when country is not null and postal_area is not null then record_rank end
        ),
        {{ first }}
    )
    {%- else -%}
    {{ first }}
    {%- endif -%}
{%- endmacro %}
