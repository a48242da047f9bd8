{#- Grain: one row per receipt that sells a product on several lines: how many of them repeat one. -#}
{#- Distinct products counted by receipt would hold the products of all receipts in memory at once. -#}
{#- Lines that may repeat are found by a number each, and only these are counted. -#}
{% macro repeated_products() %}
    {%- set pair_hash = hash_of(['receipt_id', 'product_key']) -%}
    select
        receipt_id,
        count(*) - count(distinct product_key) as line_count
    from sales_line
    where
        {{ is_sale_line() }}
        and {{ pair_hash }} in (
            select {{ pair_hash }}
            from sales_line
            where {{ is_sale_line() }}
            group by {{ pair_hash }}
            having count(*) > 1
        )
    group by receipt_id
{%- endmacro %}
