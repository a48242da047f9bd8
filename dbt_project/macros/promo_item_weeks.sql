{#- What items of stores did in weeks, for promo_weeks: sales, what disturbed them, and what came before. -#}

{#-
    Items of a store that may have a baseline: sold in two weeks that can both be of the eight before an
    offer. With four weeks, the fewest there must be, the median is 0 below two. Expects sold_week.
-#}
{% macro regular_store_items() -%}
    select
        row_number() over (
            order by store_item.store_id asc nulls last, store_item.product_id asc nulls last
        ) as store_item_number,
        store_item.store_id,
        store_item.product_id,
        product.category_name
    from (
        select distinct
            store_id,
            product_id
        from (
            select
                store_id,
                product_id,
                fiscal_week_start_date,
                lag(fiscal_week_start_date) over (
                    partition by store_id, product_id order by fiscal_week_start_date asc nulls last
                ) as week_before_date
            from sold_week
            where unit_count > 0
        ) as followed_week
        where
            {{ days_between('week_before_date', 'fiscal_week_start_date') }}
            < {{ 7 * var('promo_baseline_weeks') }}
    ) as store_item
    left join {{ ref('dim_product') }} as product
        on store_item.product_id = product.product_id and product.is_current
{%- endmacro %}

{#- Trading days of a store by week, and of the eight weeks before it. Expects day. -#}
{% macro traded_weeks() -%}
    select
        store_week.*,
        count(*) {{ promo_weeks_before('store_id') }} as week_count_before,
        sum(trading_day_count) {{ promo_weeks_before('store_id') }} as day_count_before
    from (
        select
            sales_day.store_id,
            day.fiscal_week_start_date,
            {{ days_between(first_valid_date(), 'day.fiscal_week_start_date') }} as day_number,
            count(*) as trading_day_count
        from {{ ref('fct_sales_day') }} as sales_day
        inner join {{ ref('dim_date') }} as day on sales_day.business_date = day.date_day
        group by sales_day.store_id, day.fiscal_week_start_date
    ) as store_week
{%- endmacro %}

{#- Spans of coverage of items of a store. Expects regular_item. -#}
{% macro regular_item_coverage() -%}
    select
        regular_item.store_item_number,
        regular_item.store_id,
        coverage.promotion_id,
        coverage.from_date,
        coverage.to_date
    from {{ ref('fct_promo_coverage') }} as coverage
    inner join regular_item
        on
            coverage.store_id = regular_item.store_id
            and coverage.product_id = regular_item.product_id
    where {{ is_near_offers('coverage.from_date', 'coverage.to_date') }}
{%- endmacro %}

{#-
    What regular items did in weeks in which their stores traded. Disturbed is a week that an offer of
    the item touches, or in which it was out of stock on a day; where no stock is told, it never was.
    Expects sold_week, regular_item, covered and store_week.
-#}
{% macro regular_item_weeks() -%}
    select
        part.store_item_number,
        part.fiscal_week_start_date,
        store_week.day_number,
        store_week.trading_day_count,
        store_week.week_count_before,
        store_week.day_count_before,
        {{ quantity('sum(part.unit_count)') }} as unit_count,
        {{ money('sum(part.margin_amount)') }} as margin_amount,
        {{ quantity('sum(case when part.margin_amount is not null then part.unit_count end)') }}
            as costed_unit_count,
        max(part.covered) as covered,
        max(part.missing) as missing,
        greatest(max(part.covered), max(part.missing)) as disturbed
    from (
        select
            regular_item.store_item_number,
            regular_item.store_id,
            sold_week.fiscal_week_start_date,
            sold_week.unit_count,
            sold_week.margin_amount,
            0 as covered,
            case when sold_week.out_day_count > 0 then 1 else 0 end as missing
        from sold_week
        inner join regular_item
            on
                sold_week.store_id = regular_item.store_id
                and sold_week.product_id = regular_item.product_id

        union all

        -- Many rows have few spans, of which the weeks are looked up once.
        select
            covered.store_item_number,
            covered.store_id,
            span_week.fiscal_week_start_date,
            0 as unit_count,
            null as margin_amount,
            1 as covered,
            0 as missing
        from covered
        inner join (
            select distinct
                span.from_date,
                span.to_date,
                day.fiscal_week_start_date
            from (select distinct from_date, to_date from covered) as span
            inner join {{ ref('dim_date') }} as day
                on day.date_day between span.from_date and span.to_date
        ) as span_week
            on covered.from_date = span_week.from_date and covered.to_date = span_week.to_date
    ) as part
    inner join store_week
        on
            part.store_id = store_week.store_id
            and part.fiscal_week_start_date = store_week.fiscal_week_start_date
    group by 1, 2, 3, 4, 5, 6
{%- endmacro %}

{#- Weeks of regular items with what the eight before them tell. Expects item_week. -#}
{% macro followed_weeks() -%}
    {%- set before = promo_weeks_before('store_item_number') -%}
    select
        item_week.*,
        week_count_before - coalesce(sum(disturbed) {{ before }}, 0) as undisturbed_week_count,
        coalesce(
            sum(case when disturbed = 0 and unit_count > 0 then 1 else 0 end) {{ before }}, 0
        ) as sold_week_count
    from item_week
{%- endmacro %}
