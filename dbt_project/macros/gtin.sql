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

{#- The item that an in-store code with a value names; 04 codes have no value, and are items whole. -#}
{% macro in_store_item(gtin, item_digits=5) -%}
    case
        when substr({{ gtin }}, 2, 2) = '04' then {{ gtin }}
        when {{ is_in_store_code(gtin) }} then substr({{ gtin }}, 4, {{ item_digits }})
    end
{%- endmacro %}

{#- Whether a code padded to 14 is a coupon or a refund slip (98, 99 and 05 of UPC): no item. -#}
{% macro is_coupon_code(gtin) -%}
    (substr({{ gtin }}, 1, 1) = '0' and substr({{ gtin }}, 2, 2) in ('05', '98', '99'))
{%- endmacro %}

{#-
    What a bar code names, where the till names no item: the item in an in-store code, or the code
    itself, which is a member of dim_product with the attributes of the item that has it. A coupon and
    a code with a wrong check digit name nothing.
-#}
{% macro coded_item(code, item_digits=5) -%}
    case
        when {{ is_coupon_code(gtin_14(code)) }} or not {{ has_gtin_check_digit(gtin_14(code)) }}
            then null
        else coalesce({{ in_store_item(gtin_14(code), item_digits) }}, {{ gtin_14(code) }})
    end
{%- endmacro %}
