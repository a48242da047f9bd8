{#-
    Bar codes (GS1 General Specifications). A code is text: as a number it loses its leading zeros.
    Codes 020-029, 040-049 and 200-299 have a meaning within one company only: such a code names an
    item (PLU) and often the price or weight of the piece. How many digits name the item and how
    many the value is the company's own choice: 5 and 5 in most countries, 5 and 4 where a check
    digit of the price stands between.
-#}

{#- A code of 8, 12, 13 or 14 digits, padded to 14; NULL for anything else. -#}
{% macro gtin_14(code) -%}
    case
        when length({{ code }}) in (8, 12, 13, 14)
            and length(translate({{ code }}, '0123456789', '')) = 0
            then lpad({{ code }}, 14, '0')
    end
{%- endmacro %}

{#- Whether the last digit of a code padded to 14 is its check digit; NULL where there is no code. -#}
{% macro has_gtin_check_digit(gtin) -%}
    ((
        {%- for place in range(1, 15) %}
        {{ 3 if place % 2 else 1 }} * cast(substr({{ gtin }}, {{ place }}, 1) as integer)
        {{- ' +' if not loop.last }}
        {%- endfor %}
    ) % 10 = 0)
{%- endmacro %}

{#- Whether a code padded to 14 is a company's own (GTIN-13 prefix 02, 04 or 2x). -#}
{% macro is_in_store_code(gtin) -%}
    (
        substr({{ gtin }}, 1, 1) = '0'
        and (substr({{ gtin }}, 2, 2) in ('02', '04') or substr({{ gtin }}, 2, 1) = '2')
    )
{%- endmacro %}

{#- Whether its prefix is one of codes that are items whole: 04, and those declared to hold nothing. -#}
{% macro is_item_whole(gtin, values={}) -%}
    substr({{ gtin }}, 2, 2) in (
        '04'{% for prefix, held in values.items() if held == 'nothing' %}, '{{ prefix }}'{% endfor %}
    )
{%- endmacro %}

{#- The item that an in-store code names: itself, or the one that stands before its value. -#}
{% macro in_store_item(gtin, item_digits=5, values={}) -%}
    case
        when {{ is_item_whole(gtin, values) }} then {{ gtin }}
        when {{ is_in_store_code(gtin) }} then substr({{ gtin }}, 4, {{ item_digits }})
    end
{%- endmacro %}

{#-
    The number before the check digit of an in-store code where it may be the price, or the weight: by
    what is declared of its prefix, and either where nothing is.
-#}
{% macro in_store_value(gtin, held, value_digits=5, values={}) -%}
    case
        when
            {{ is_in_store_code(gtin) }}
            and not {{ is_item_whole(gtin, values) }}
            {%- for prefix, declared in values.items() if declared != held %}
            and substr({{ gtin }}, 2, 2) <> '{{ prefix }}'
            {%- endfor %}
            then cast(substr({{ gtin }}, {{ 14 - value_digits }}, {{ value_digits }}) as integer)
    end
{%- endmacro %}

{#- Whether a code padded to 14 is a coupon or a refund slip (98, 99 and 05 of UPC): no item. -#}
{% macro is_coupon_code(gtin) -%}
    (substr({{ gtin }}, 1, 1) = '0' and substr({{ gtin }}, 2, 2) in ('05', '98', '99'))
{%- endmacro %}

{#-
    Whether a line needs its bar code read, cheaply: where it names no item, or the code itself, and
    where the code may be an in-store one with a value.
-#}
{% macro needs_code(item, code) -%}
    (
        {{ item }} is null
        or {{ item }} = {{ code }}
        or {{ code }} like '2%'
        or {{ code }} like '02%'
        or {{ code }} like '002%'
    )
{%- endmacro %}

{#-
    What a code with a right check digit, padded to 14, names where the till names no item: the item in
    an in-store code, or the code itself, which is a member of dim_product with the attributes of the
    item that has it. A coupon names nothing.
-#}
{% macro coded_item(gtin, item_digits=5, values={}) -%}
    case
        when not {{ is_coupon_code(gtin) }}
            then coalesce({{ in_store_item(gtin, item_digits, values) }}, {{ gtin }})
    end
{%- endmacro %}

{#-
    The item of a line: what the till names, unless it names none or repeats an in-store code with a
    value, which would make an item of each price.
-#}
{% macro line_item(item, code, gtin, item_digits=5, values={}) -%}
    case
        when {{ item }} is null then {{ coded_item(gtin, item_digits, values) }}
        when {{ item }} = {{ code }}
            then coalesce(
                nullif({{ in_store_item(gtin, item_digits, values) }}, {{ gtin }}), {{ item }}
            )
        else {{ item }}
    end
{%- endmacro %}
