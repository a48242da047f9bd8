{#- Weeks of items on offer and of others, for promo_lift: what disturbs them, and what comes before. -#}

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

    where {{ is_near_offers('fiscal_week_start_date', add_days('fiscal_week_start_date', 6)) }}

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

{#-
    Offers that have ended: coverage of an item by a promotion on days in a row is one. Of those whose
    item sold in two undisturbed weeks of the eight before; of others nothing can be told. What is on
    offer for longer is a price. Expects covered, followed and regular_item.
-#}
{% macro ended_offers() -%}
    select
        row_number() over (
            order by
                span.store_item_number asc nulls last,
                span.promotion_id asc nulls last,
                span.from_date asc nulls last
        ) as offer_number,
        span.store_item_number,
        span.promotion_id,
        span.from_date,
        span.to_date,
        regular_item.store_id,
        regular_item.product_id,
        regular_item.category_name,
        followed.fiscal_week_start_date,
        followed.undisturbed_week_count
    from (
        select
            store_item_number,
            promotion_id,
            min(from_date) as from_date,
            max(to_date) as to_date
        from (
            select
                joined.*,
                sum(is_first) over (
                    partition by store_item_number, promotion_id
                    order by from_date asc nulls last, to_date asc nulls last
                    rows between unbounded preceding and current row
                ) as span_number
            from (
                select
                    covered.*,
                    case
                        when from_date <= {{ add_days('max(to_date) over (
                            partition by store_item_number, promotion_id
                            order by from_date asc nulls last, to_date asc nulls last
                            rows between unbounded preceding and 1 preceding
                        )', 1) }} then 0
                        else 1
                    end as is_first
                from covered
                where store_item_number in (
                    select followed.store_item_number from followed
                    where followed.covered = 1 and followed.sold_week_count > 1
                )
            ) as joined
        ) as numbered
        group by store_item_number, promotion_id, span_number
    ) as span
    inner join {{ ref('dim_date') }} as day on span.from_date = day.date_day
    inner join followed
        on
            span.store_item_number = followed.store_item_number
            and day.fiscal_week_start_date = followed.fiscal_week_start_date
            and followed.sold_week_count > 1
    inner join regular_item on span.store_item_number = regular_item.store_item_number
    where
        span.to_date <= (select max(business_date) from {{ ref('fct_sales_day') }})
        and {{ days_between('span.from_date', 'span.to_date') }} < {{ var('promo_max_days') }}
{%- endmacro %}

{#-
    What an item sells by trading day without an offer: the median of its undisturbed weeks, so that no
    coach party is the measure. Weeks without a sale have no row and count as nothing. By item and week
    that an offer touches. Expects followed and sold_day.
-#}
{% macro item_baselines() -%}
    select
        store_item_number,
        fiscal_week_start_date,
        sum(
            case when sold_rank in (floor((week_count + 1) / 2e0), floor((week_count + 2) / 2e0))
                then units_per_day * case when mod(week_count, 2) = 1 then 1 else 0.5e0 end
            else 0 end
        ) as units_per_day,
        {{ ratio('sum(margin_amount)', 'sum(costed_unit_count)') }} as margin_per_unit,
        {{ ratio('sum(rest_margin_amount)', 'sum(rest_receipt_count)') }} as rest_margin_per_receipt
    from (
        select
            asked.store_item_number,
            asked.fiscal_week_start_date,
            asked.undisturbed_week_count as week_count,
            sold.margin_amount,
            sold.costed_unit_count,
            rest_week.rest_margin_amount,
            rest_week.rest_receipt_count,
            {{ ratio('sold.unit_count', 'sold.trading_day_count') }} as units_per_day,
            row_number() over (
                partition by asked.store_item_number, asked.fiscal_week_start_date
                order by
                    {{ ratio('sold.unit_count', 'sold.trading_day_count') }} desc nulls last,
                    sold.day_number asc nulls last
            ) as sold_rank
        from followed as asked
        inner join followed as sold
            on
                asked.store_item_number = sold.store_item_number
                and asked.day_number > sold.day_number
                and asked.day_number - {{ 7 * var('promo_baseline_weeks') }} <= sold.day_number
        left join (
            select
                sold_day.store_item_number,
                day.fiscal_week_start_date,
                sum(sold_day.rest_margin_amount) as rest_margin_amount,
                sum(sold_day.rest_receipt_count) as rest_receipt_count
            from sold_day
            inner join {{ ref('dim_date') }} as day on sold_day.business_date = day.date_day
            group by sold_day.store_item_number, day.fiscal_week_start_date
        ) as rest_week
            on
                sold.store_item_number = rest_week.store_item_number
                and sold.fiscal_week_start_date = rest_week.fiscal_week_start_date
        where
            asked.covered = 1
            and asked.sold_week_count > 1
            and asked.undisturbed_week_count >= {{ var('promo_min_baseline_weeks') }}
            and sold.disturbed = 0
            and sold.unit_count > 0
    ) as ranked
    group by store_item_number, fiscal_week_start_date
{%- endmacro %}

{#-
    The weeks after an offer that show what was bought ahead: whole ones, two at most, before the next
    offer of the item and before a week in which it is out of stock. Expects offer, covered, followed.
-#}
{% macro undisturbed_weeks_after() -%}
    select
        offer.offer_number,
        case
            when min(disturbance.from_date) is null then {{ var('promo_after_weeks') }}
            else greatest(
                0,
                cast(floor(
                    ({{ days_between('offer.to_date', 'min(disturbance.from_date)') }} - 1) / 7e0
                ) as integer)
            )
        end as after_week_count
    from offer
    left join (
        select store_item_number, from_date, to_date from covered
        union all
        select
            store_item_number,
            fiscal_week_start_date as from_date,
            {{ add_days('fiscal_week_start_date', 6) }} as to_date
        from followed
        where missing = 1
    ) as disturbance
        on
            offer.store_item_number = disturbance.store_item_number
            and offer.to_date < disturbance.to_date
            -- each side of its own, or DuckDB compares every offer with every other
            and {{ add_days('offer.to_date', 7 * var('promo_after_weeks')) }} >= disturbance.from_date
    group by offer.offer_number, offer.to_date
{%- endmacro %}
