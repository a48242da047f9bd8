{#- How a reference of a source becomes a customer of ours. -#}

{#-
    A customer number that needs no memory: the same text gives the same number in every build and on
    every engine, whatever the order of deliveries.
-#}
{% macro minted_id(text_expression) -%}
    concat('P', substr(md5({{ text_expression }}), 1, 16))
{%- endmacro %}

{#- The eldest member gives the household its number, and is its head. -#}
{% macro is_household_head() -%}
    household_id = concat('H', substr(customer_id, 2))
{%- endmacro %}

{#- Every customer: whom facts or sources name, and the special members. -#}
{% macro customer_members() -%}
    -- union and not union all: each customer once, however many references mean it
    select customer_id from {{ ref('int_customer__identified') }}

    union

    select customer_id from {{ ref('int_customer__linked') }}

    union

    select member_id as customer_id from ({{ special_customer_ids() }}) as special_member
{%- endmacro %}

{#-
    Each reference with the versions of its customer. A fact joins it once, by the reference that its
    row names: a better link is so found by every fact that is built after it.
-#}
{% macro referenced_customers() -%}
    select
        identified.customer_ref,
        customer.customer_key,
        customer.customer_id,
        customer.valid_from_date,
        customer.valid_to_date
    from {{ ref('int_customer__identified') }} as identified
    inner join {{ ref('dim_customer') }} as customer
        on identified.customer_id = customer.customer_id
{%- endmacro %}

{#- The condition that a reference means a customer, in the version of the date. -#}
{% macro customer_on(reference, date_expression) -%}
    {{ version_on('customer', reference, date_expression, 'customer_ref') }}
{%- endmacro %}
