{#- The CTEs of promo_lift that tell weeks of items, with what comes before them. -#}

{#- The frame of the eight weeks before a week, where rows stand in the order of day_number. -#}
{% macro promo_weeks_before(partition_by) -%}
    over (
            partition by {{ partition_by }} order by day_number asc nulls last
            range between {{ 7 * var('promo_baseline_weeks') }} preceding and 7 preceding
        )
{%- endmacro %}

{#-
    The CTEs regular_item, store_week, covered and followed of promo_lift. Spark would work each out for
    each reference, hundreds of times in all: it reads int_item_week__followed, of all weeks.
-#}
{% macro promo_item_weeks() -%}
    {{- adapter.dispatch('promo_item_weeks', 'tillhouse')() -}}
{%- endmacro %}

{% macro duckdb__promo_item_weeks() -%}
{{ followed_item_weeks() }}
{%- endmacro %}

{% macro spark__promo_item_weeks() -%}
followed as (

    select * from {{ ref('int_item_week__followed') }}

),

regular_item as (

    select distinct
        store_item_number,
        store_id,
        product_id,
        category_name

    from followed

),

store_week as (

    {{ traded_weeks() }}

),

covered as (

    {{ regular_item_coverage() }}

)
{%- endmacro %}

{#- The CTEs sold_week, regular_item, store_week, covered, item_week and followed, one out of another. -#}
{% macro followed_item_weeks() -%}
sold_week as (

    select
        store_id,
        product_id,
        fiscal_week_start_date,
        unit_count,
        margin_amount,
        out_day_count

    from {{ ref('store_item') }}

    where {{ is_date_near_offers('fiscal_week_start_date', 'fiscal_week_start_date') }}

),

regular_item as (

    {{ regular_store_items() }}

),

store_week as (

    {{ traded_weeks() }}

),

covered as (

    {{ regular_item_coverage() }}

),

item_week as (

    {{ regular_item_weeks() }}

),

followed as (

    {{ followed_weeks() }}

)
{%- endmacro %}
