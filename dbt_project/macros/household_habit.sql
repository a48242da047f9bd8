{#-
    The two readings of the lines that household_habit makes. Each is used once: a CTE of lines that is
    used twice would hold all of them in memory. They expect the CTEs household, product and
    quarter_day, and group by their numbers: texts take twice the time (10 million lines, DuckDB 1.5).
-#}

{#- Money by quarter, household, category and brand, brands ranked by sales; ties go by name. -#}
{% macro habit_brand_sales() -%}
    select
        brand_total.*,
        row_number() over (
            partition by fiscal_quarter_start_date, household_number, category_number
            order by
                case when is_known_brand then 0 else 1 end asc nulls last,
                sale_amount desc nulls last,
                brand_number asc nulls last
        ) as brand_rank
    from (
        select
            quarter_day.fiscal_quarter_start_date,
            household.household_number,
            product.category_number,
            product.brand_number,
            product.is_known_brand,
            sum(line.net_amount) as net_amount,
            sum(line.unit_count) as unit_count,
            sum(case when {{ is_sale_line() }} then line.net_amount else 0 end) as sale_amount,
            sum(case when {{ is_sale_line() }} and line.promotion_key >= 0 then line.net_amount end)
                as promotion_known_amount,
            sum(case when {{ is_sale_line() }} and line.promotion_key > 0 then line.net_amount end)
                as promoted_amount
        from {{ ref('fct_sales') }} as line
        inner join quarter_day on line.business_date = quarter_day.date_day
        inner join household on line.customer_key = household.customer_key
        inner join product on line.product_key = product.product_key
        group by
            quarter_day.fiscal_quarter_start_date,
            household.household_number,
            product.category_number,
            product.brand_number,
            product.is_known_brand
    ) as brand_total
{%- endmacro %}

{#- Trips by quarter, household and category: dates with a sale. The date decides the quarter. -#}
{% macro habit_trips() -%}
    select
        quarter_day.fiscal_quarter_start_date,
        trip_date.household_number,
        trip_date.category_number,
        count(*) as trip_count,
        min(trip_date.business_date) as first_trip_date,
        max(trip_date.business_date) as last_trip_date
    from (
        select distinct
            line.business_date,
            household.household_number,
            product.category_number
        from {{ ref('fct_sales') }} as line
        inner join household on line.customer_key = household.customer_key
        inner join product on line.product_key = product.product_key
        where
            {{ is_sale_line() }}
            and line.business_date in (select date_day from quarter_day)
    ) as trip_date
    inner join quarter_day on trip_date.business_date = quarter_day.date_day
    group by
        quarter_day.fiscal_quarter_start_date, trip_date.household_number, trip_date.category_number
{%- endmacro %}

{#- Identified customers with the number of their household. -#}
{% macro numbered_households() -%}
    select
        customer_key,
        household_id,
        dense_rank() over (order by household_id asc nulls last) as household_number
    from {{ ref('dim_customer') }}
    where customer_key > 0
{%- endmacro %}

{#- Items with the numbers of their category and brand, both in the order of names. -#}
{% macro numbered_products() -%}
    select
        product_key,
        category_name,
        brand_name,
        brand_name <> 'Unknown' as is_known_brand,
        dense_rank() over (order by category_name asc nulls last) as category_number,
        dense_rank() over (order by brand_name asc nulls last) as brand_number
    from ({{ as_is('product', ['category_name', 'brand_name']) }}) as product
{%- endmacro %}

{#-
    What the household's own words say of its stage of life: children first, then the first number of
    the age band. Words differ by source; what they do not tell is unknown.
-#}
{% macro life_stage(children_count, composition, age_band) -%}
    case
        when substr({{ children_count }}, 1, 1) between '1' and '9' then 'with_children'
        when
            (lower({{ composition }}) like '%kid%' or lower({{ composition }}) like '%child%')
            and lower({{ composition }}) not like '%no kid%'
            and lower({{ composition }}) not like '%no child%'
            and lower({{ composition }}) not like '%without%'
            then 'with_children'
        when substr({{ age_band }}, 1, 2) between '10' and '34' then 'young'
        when substr({{ age_band }}, 1, 2) between '35' and '59' then 'middle_aged'
        when substr({{ age_band }}, 1, 2) between '60' and '99' then 'senior'
        else 'unknown'
    end
{%- endmacro %}

{#- An amount over the household's sum in the quarter; NULL when that is not above 0. -#}
{% macro share_of_household(amount) -%}
    {%- set total -%}
    sum({{ amount }}) over (
        partition by sales.fiscal_quarter_start_date, sales.household_number
    )
    {%- endset -%}
    case when {{ total }} > 0 then {{ ratio(amount, total) }} end
{%- endmacro %}
