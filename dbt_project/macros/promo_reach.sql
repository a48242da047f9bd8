{#- Which offers a night builds anew, and what is read for them. -#}

{#-
    The first days of offers that a changed date is seen in: a date of the eight weeks before an offer
    or another item's, of the offer, of the weeks after it, or of a week that one of these touches. An
    offer is told once it has ended, so that the days since the last trading day count as changed.
-#}
{% macro promo_reach() -%}
    {%- if names_changed() -%}
    select
        {{ add_days(
            'coalesce(max(sales_day.business_date), changed_span.from_date)',
            -6 - var('promo_max_days') - 7 * var('promo_after_weeks')
        ) }} as from_date,
        {{ add_days('changed_span.to_date', 6 + 7 * var('promo_baseline_weeks')) }} as to_date
    from ({{ changed_stock_spans() }}) as changed_span
    left join (select distinct business_date from {{ ref('fct_sales_day') }}) as sales_day
        on changed_span.from_date > sales_day.business_date
    group by changed_span.from_date, changed_span.to_date
    {%- endif -%}
{%- endmacro %}

{#- The condition that keeps what offers to build may be told of: their weeks, and those around them. -#}
{% macro is_near_offers(from_column, to_column) -%}
    {%- if names_changed() -%}
    {%- set last_date %}
        select {{ add_days('max(to_date)', var('promo_max_days') + 7 * var('promo_after_weeks')) }}
        from ({{ promo_reach() }}) as reach
    {%- endset %}
    {%- set first_date %}
        select {{ add_days('min(from_date)', -6 - 7 * var('promo_baseline_weeks')) }}
        from ({{ promo_reach() }}) as reach
    {%- endset %}
    {{ from_column }} <= ({{ asked_once(last_date) }}
    )
    and {{ to_column }} >= ({{ asked_once(first_date) }}
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#-
    The same for a column of dates, `grain` being one of dim_date: DuckDB skips the row groups of other dates
    where these are listed, and reads all of them to hold each against two limits.
-#}
{% macro is_date_near_offers(column, grain='date_day') -%}
    {%- if names_changed() -%}
    {{ column }} in (
        select near.{{ grain }} from {{ ref('dim_date') }} as near
        where {{ is_near_offers('near.date_day', 'near.date_day') }}
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The condition that the weeks after an offer have passed. -#}
{% macro is_promo_over(to_date) -%}
    {{ add_days(to_date, 7 * var('promo_after_weeks')) }}
    <= (select max(sales_day.business_date) from {{ ref('fct_sales_day') }} as sales_day)
{%- endmacro %}
