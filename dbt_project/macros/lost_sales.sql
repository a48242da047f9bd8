{#- What was not sold for want of stock, in weeks that are touched. -#}

{#-
    Up to which day a changed date is seen in what was lost: an offer tells what one is worth for eight
    weeks after it ended, and may have begun so long after the date. Offers end by the last trading day,
    so that the days since are seen too. Most nights have no later week.
-#}
{% macro lost_sales_reach() -%}
    {%- if names_changed() -%}
    select
        {{ add_days(
            'coalesce(max(sales_day.business_date), ' ~ add_days('changed_span.from_date', -1) ~ ')', 1
        ) }} as from_date,
        {{ add_days(
            'changed_span.to_date',
            (rate_days() | int) + 7 * var('promo_baseline_weeks') + 5 + var('promo_max_days')
        ) }} as to_date
    from ({{ changed_stock_spans() }}) as changed_span
    left join (select distinct business_date from {{ ref('fct_sales_day') }}) as sales_day
        on changed_span.from_date > sales_day.business_date
    group by changed_span.from_date, changed_span.to_date
    {%- endif -%}
{%- endmacro %}

{#-
    Days out of items that sell, with their number within the 56 days. Expects the CTEs rated and day.
-#}
{% macro missed_days() -%}
    select
        out_day.*,
        sum(1) over (
            partition by
                out_day.store_id, out_day.product_id, out_day.fiscal_week_start_date
            order by out_day.date_day nulls last
            rows between unbounded preceding and current row
        ) + out_day.out_day_count_before as out_day_number
    from (
        select
            rated.store_id,
            rated.product_id,
            rated.fiscal_week_start_date,
            rated.from_date,
            rated.average_daily_units,
            rated.out_day_count_before,
            day.date_day,
            day.day_of_week_number
        from rated
        inner join day
            on
                rated.fiscal_week_start_date = day.fiscal_week_start_date
                and rated.from_date <= day.date_day
                and rated.to_date >= day.date_day
        where rated.is_out_of_stock and rated.is_recurring
    ) as out_day
{%- endmacro %}

{#- Days of missed items on which they were on offer, in the week and the 56 days before. Expects missed. -#}
{% macro missed_offer_days() -%}
    select distinct
        item.store_id,
        item.product_id,
        item.fiscal_week_start_date,
        dim_date.date_day
    from (
        select distinct
            store_id,
            product_id,
            fiscal_week_start_date,
            {{ add_days('fiscal_week_start_date', '-' ~ rate_days()) }} as first_date,
            {{ add_days('fiscal_week_start_date', 6) }} as last_date
        from missed
    ) as item
    inner join {{ ref('fct_promo_coverage') }} as coverage
        on
            item.store_id = coverage.store_id
            and item.product_id = coverage.product_id
            and item.first_date <= coverage.to_date
            and item.last_date >= coverage.from_date
    inner join {{ ref('dim_date') }} as dim_date
        on
            coverage.from_date <= dim_date.date_day
            and coverage.to_date >= dim_date.date_day
    where dim_date.date_day between item.first_date and item.last_date
{%- endmacro %}

{#-
    What an offer is worth in a category of the chain: units of those that ended in the 56 days before a
    week by what was expected without them. Below 1 is taken for chance. Expects missed.
-#}
{% macro promo_indexes() -%}
    select
        week.fiscal_week_start_date,
        ended.category_name,
        greatest({{ ratio('sum(ended.unit_count)', 'sum(ended.baseline_quantity)') }}, 1)
            as promo_index
    from (select distinct fiscal_week_start_date from missed) as week
    inner join (
        select
            promo_lift.to_date,
            product.category_name,
            sum(promo_lift.unit_count) as unit_count,
            sum(promo_lift.baseline_quantity) as baseline_quantity
        from {{ ref('promo_lift') }} as promo_lift
        inner join {{ ref('dim_product') }} as product
            on promo_lift.product_id = product.product_id and product.is_current
        where promo_lift.baseline_quantity is not null
        group by promo_lift.to_date, product.category_name
    ) as ended
        on
            week.fiscal_week_start_date > ended.to_date
            and {{ add_days('week.fiscal_week_start_date', '-' ~ rate_days()) }} <= ended.to_date
    cross join {{ ref('stock_parameter') }} as parameter
    group by week.fiscal_week_start_date, ended.category_name, parameter.min_promo_baseline_units
    having sum(ended.baseline_quantity) >= parameter.min_promo_baseline_units
{%- endmacro %}

{#-
    What was not sold for want of stock, by span (M19): on each trading day out, the rate times what the
    weekday is worth in its category and, on offer, what an offer is, less what sold. An item that is out
    for longer than half of the 56 days is no longer missed. Of a rate that was measured on offer in part
    the offer is worth less, and nothing of one that always was. Expects the CTEs rated, day and sold_day.
-#}
{% macro lost_sales() -%}
    with

    missed as (

        {{ missed_days() }}

    ),

    offer_day as (

        {{ missed_offer_days() }}

    ),

    promo_index as (

        {{ promo_indexes() }}

    )

    select
        missed.store_id,
        missed.product_id,
        missed.from_date,
        sum(
            greatest(
                missed.average_daily_units
                * coalesce(weekday_index.weekday_index, 1)
                * case
                    when offer_day.date_day is not null
                        then coalesce(
                            promo_index.promo_index
                            / (1 + (promo_index.promo_index - 1) * coalesce(offered.offer_share, 0)),
                            1
                        )
                    else 1
                end
                - coalesce(cast(sold_day.quantity as double), 0),
                0
            )
        ) as lost_units
    from missed
    cross join {{ ref('stock_parameter') }} as parameter
    inner join {{ ref('fct_sales_day') }} as sales_day
        on
            missed.store_id = sales_day.store_id
            and missed.date_day = sales_day.business_date
            and not sales_day.is_rolled
    left join {{ ref('dim_product') }} as product
        on missed.product_id = product.product_id and product.is_current
    left join {{ ref('weekday_index') }} as weekday_index
        on
            missed.fiscal_week_start_date = weekday_index.fiscal_week_start_date
            and missed.store_id = weekday_index.store_id
            and product.category_name = weekday_index.category_name
            and missed.day_of_week_number = weekday_index.day_of_week_number
    left join promo_index
        on
            missed.fiscal_week_start_date = promo_index.fiscal_week_start_date
            and product.category_name = promo_index.category_name
    left join offer_day
        on
            missed.store_id = offer_day.store_id
            and missed.product_id = offer_day.product_id
            and missed.fiscal_week_start_date = offer_day.fiscal_week_start_date
            and missed.date_day = offer_day.date_day
    left join (
        select
            store_id,
            product_id,
            fiscal_week_start_date,
            count(*) / {{ rate_days() }}e0 as offer_share
        from offer_day
        where date_day < fiscal_week_start_date
        group by store_id, product_id, fiscal_week_start_date
    ) as offered
        on
            missed.store_id = offered.store_id
            and missed.product_id = offered.product_id
            and missed.fiscal_week_start_date = offered.fiscal_week_start_date
    left join sold_day
        on
            missed.store_id = sold_day.store_id
            and missed.product_id = sold_day.product_id
            and missed.date_day = sold_day.business_date
    where missed.out_day_number <= parameter.max_out_days
    group by missed.store_id, missed.product_id, missed.from_date
{%- endmacro %}
