{#- The parts of price_index. -#}

{#-
    The prices of a competitor that hold in each week: in each place the last one seen by its end, for
    so many days after it was seen. The mean of the places is the competitor's.
-#}
{% macro competitor_weeks() -%}
    select
        week.fiscal_week_start_date,
        observed.competitor_name,
        observed.product_id,
        cast(sum(observed.price_amount) as double) / count(*) as competitor_price,
        max(observed.observed_date) as last_observed_date,
        max(observed.observed_date) < week.fiscal_week_start_date as is_stale,
        max(case when observed.is_promotion then 1 else 0 end) = 1 as is_competitor_promotion
    from (
        select
            competitor_name,
            product_id,
            observed_date,
            price_amount,
            is_promotion,
            lead(observed_date) over (
                partition by competitor_name, product_id, store_id
                order by observed_date asc nulls last
            ) as next_observed_date
        from {{ ref('fct_competitor_price') }}
    ) as observed
    inner join (
        select distinct
            dim_date.fiscal_week_start_date,
            {{ add_days('dim_date.fiscal_week_start_date', 6) }} as week_end_date
        from {{ ref('fct_sales_day') }} as sales_day
        inner join {{ ref('dim_date') }} as dim_date on sales_day.business_date = dim_date.date_day
    ) as week
        on
            observed.observed_date <= week.week_end_date
            and observed.observed_date
            > {{ add_days('week.week_end_date', -1 * var('competitor_price_days')) }}
            and coalesce(observed.next_observed_date > week.week_end_date, true)
    group by week.fiscal_week_start_date, observed.competitor_name, observed.product_id
{%- endmacro %}

{#-
    What was paid for each item of a category that competitors are watched in, by week: as the shelf
    says it, with the tax where shelf prices hold it. Returns take back what they were paid with.
-#}
{% macro own_price_weeks(competitor_week) -%}
    select
        sales.fiscal_week_start_date,
        sales.product_id,
        max(product.product_name) as product_name,
        max(product.category_name) as category_name,
        sum(sales.quantity) as quantity,
        sum(sales.net_amount) as net_amount,
        sum(
            sales.net_amount
            {%- if var('shelf_price_holds_tax') %} + coalesce(sales.tax_amount, 0){% endif %}
        ) as paid_amount
    from {{ ref('fct_sales_week') }} as sales
    inner join {{ ref('dim_product') }} as product
        on sales.product_id = product.product_id and product.is_current
    where product.category_name in (
        select watched.category_name
        from {{ ref('dim_product') }} as watched
        inner join {{ competitor_week }} on watched.product_id = {{ competitor_week }}.product_id
        where watched.is_current
    )
    group by sales.fiscal_week_start_date, sales.product_id
{%- endmacro %}

{#-
    Prices of both by item, competitor and week, and what was sold of it at either: a basket weighs the
    items of a category by what customers bought, at both prices the same. What was not sold, or not
    seen in the week, is not compared.
-#}
{% macro compared_prices(competitor_week, own_week) -%}
    select
        {{ competitor_week }}.*,
        {{ own_week }}.product_name,
        {{ own_week }}.category_name,
        {{ own_week }}.net_amount,
        case when {{ own_week }}.quantity > 0 then {{ own_week }}.paid_amount end
            as own_basket_amount,
        case
            when {{ own_week }}.quantity > 0
                then {{ rounded_money(
                    competitor_week ~ '.competitor_price * cast(' ~ own_week ~ '.quantity as double)'
                ) }}
        end as competitor_basket_amount,
        case
            when {{ own_week }}.quantity > 0
                then {{ rounded_money(
                    ratio(own_week ~ '.paid_amount', own_week ~ '.quantity')
                ) }}
        end as own_price_amount,
        coalesce({{ own_week }}.quantity > 0, false)
        and not {{ competitor_week }}.is_stale as is_compared
    from {{ competitor_week }}
    left join {{ own_week }}
        on
            {{ competitor_week }}.product_id = {{ own_week }}.product_id
            and {{ competitor_week }}.fiscal_week_start_date
            = {{ own_week }}.fiscal_week_start_date
{%- endmacro %}
