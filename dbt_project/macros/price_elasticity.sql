{#- The parts of price_elasticity, and how it is kept while none of its weeks changed. -#}

{#- The last day of the last fiscal period that the data holds to its end. -#}
{% macro last_closed_period() -%}
    select max(period.period_end_date) as as_of_date
    from (
        select max(date_day) as period_end_date
        from {{ ref('dim_date') }}
        group by fiscal_period_start_date
    ) as period
    where period.period_end_date <= (select max(business_date) from {{ ref('fct_sales_day') }})
{%- endmacro %}

{#-
    The pre-hook. A night of the period that runs changes nothing, so the rows stand, and a year of
    price points is not read; they go when a period has closed or a date before its end changed.
-#}
{% macro delete_outdated_elasticities() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        as_of_date <> ({{ last_closed_period() }})
        or exists (
            select business_date from {{ source('ledger', 'changed_business_date') }}
            where is_fact_changed and business_date <= ({{ last_closed_period() }})
        )
    {%- endif -%}
{%- endmacro %}

{#- The condition that there is something to tell: the rows were deleted, or never stood. -#}
{% macro is_outdated() -%}
    {%- if is_incremental() -%}
    not exists (select as_of_date from {{ this }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The price points of the weeks before a date; none while what stands is up to date. -#}
{% macro price_points_as_of(as_of) -%}
    select point.*
    from {{ ref('price_point_store') }} as point
    inner join {{ as_of }}
        on
            point.fiscal_week_start_date <= {{ as_of }}.as_of_date
            and point.fiscal_week_start_date
            > {{ add_days(as_of ~ '.as_of_date', -7 * var('elasticity_weeks')) }}
    where point.price_band_code <> {{ unknown_id() }} and {{ is_outdated() }}
{%- endmacro %}

{#-
    Weeks of items that sold in most weeks of a store, from their first there to their last. A week
    without a sale has no logarithm: leaving many out would leave out what the price did.
-#}
{% macro weeks_of_recurring_items(week) -%}
    select week.*
    from {{ week }} as week
    inner join (
        select
            product_id,
            store_id
        from {{ week }}
        group by product_id, store_id
        having
            count(*) >= 4
            and count(*) * 7 >= {{ var('elasticity_min_sold_rate') }} * (
                {{ days_between('min(fiscal_week_start_date)', 'max(fiscal_week_start_date)') }} + 7
            )
    ) as recurring
        on week.product_id = recurring.product_id and week.store_id = recurring.store_id
{%- endmacro %}

{#-
    Sales by trading day and mean price of an item in a store and week, as logarithms. A day that the
    store did not trade, or that never came, is in neither. Points of several prices are more than
    weeks, so that more items pass as recurring than will: it spares most of the work all the same.
-#}
{% macro logarithmic_item_weeks(point) -%}
    select
        point.product_id,
        point.store_id,
        point.fiscal_week_start_date,
        {{ ratio('sum(point.shelf_amount)', 'sum(point.quantity)') }} as price,
        ln(cast(sum(point.quantity) as double) / max(store_week.trading_day_count)) as log_quantity,
        ln({{ ratio('sum(point.shelf_amount)', 'sum(point.quantity)') }}) as log_price
    from ({{ weeks_of_recurring_items(point) }}) as point
    inner join (
        select
            sales_day.store_id,
            dim_date.fiscal_week_start_date,
            count(*) as trading_day_count
        from {{ ref('fct_sales_day') }} as sales_day
        inner join {{ ref('dim_date') }} as dim_date on sales_day.business_date = dim_date.date_day
        group by sales_day.store_id, dim_date.fiscal_week_start_date
    ) as store_week
        on
            point.store_id = store_week.store_id
            and point.fiscal_week_start_date = store_week.fiscal_week_start_date
    group by point.product_id, point.store_id, point.fiscal_week_start_date
    having sum(point.quantity) > 0 and sum(point.shelf_amount) > 0
{%- endmacro %}

{#-
    CTEs round_1 and so on: a relation's logarithms less their means by store and then by week, over and
    over, which is a regression's dummy for each store and each week. One round is exact where each
    store sold in each week; where weeks are missing, each round leaves but a part of what the last
    one left, and `slopes` tells how much is left. DuckDB 1.5 plans six rounds in 0.1 CPU seconds and
    eight in 1.9, every night, whether or not there is a row to read.
-#}
{% macro rounds_without_effects(relation, round_count) -%}
    {%- for number in range(1, round_count + 1) -%}
    {%- set before = relation if loop.first else 'round_' ~ (number - 1) -%}
    {%- for name, before, effect in [
        ('round_' ~ number ~ '_by_store', before, 'store_id'),
        ('round_' ~ number, 'round_' ~ number ~ '_by_store', 'fiscal_week_start_date')
    ] -%}
    {{ name }} as (
    select
        product_id,
        store_id,
        fiscal_week_start_date,
        {%- for column in ['log_price', 'log_quantity'] %}
        {{ column }} - avg({{ column }}) over (partition by product_id, {{ effect }}) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ before }}
    ),

    {% endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Prices so near to each other cannot vary by what is asked for. -#}
{% macro has_prices(product) -%}
    (
        {{ product }}.highest_price
        > {{ product }}.lowest_price * {{ 1 + 2 * var('elasticity_min_price_deviation') }}
    )
{%- endmacro %}

{#- What is left to tell a slope by, after an effect of each store and week; fewer where panels part. -#}
{% macro degrees_of_freedom(product) -%}
    (
        {{ product }}.price_week_count - {{ product }}.store_count - {{ product }}.week_count
    )
{%- endmacro %}

{% macro has_price_weeks(product) -%}
    (
        {{ product }}.price_week_count >= {{ var('elasticity_min_price_weeks') }}
        and {{ degrees_of_freedom(product) }} >= 3
    )
{%- endmacro %}

{#-
    The slope of what is left of quantities on what is left of prices, its squares, and how much of the
    prices' squares is still the stores': the last round took the weeks' means.
-#}
{% macro slopes(residual) -%}
    select
        product_id,
        sum(price_squares) as price_squares,
        sum(quantity_squares) as quantity_squares,
        sum(products) / nullif(sum(price_squares), 0) as elasticity,
        sum(price_sum * price_sum / week_count) as unseparated_squares
    from (
        select
            product_id,
            store_id,
            count(*) as week_count,
            sum(log_price) as price_sum,
            sum(log_price * log_price) as price_squares,
            sum(log_quantity * log_quantity) as quantity_squares,
            sum(log_price * log_quantity) as products
        from {{ residual }}
        group by product_id, store_id
    ) as by_store
    group by product_id
{%- endmacro %}

{#- Squares that the slope leaves, of which rounding may make less than none. -#}
{% macro slope_standard_error(slope, degrees) -%}
    sqrt(
        greatest(
            {{ slope }}.quantity_squares
            - {{ slope }}.elasticity * {{ slope }}.elasticity * {{ slope }}.price_squares,
            0
        ) / nullif({{ degrees }}, 0) / nullif({{ slope }}.price_squares, 0)
    )
{%- endmacro %}

{#- Why a slope cannot be told; NULL where it can. -#}
{% macro missing_elasticity_reason(product, slope) -%}
    case
        when not {{ has_price_weeks(product) }} then 'too few price weeks'
        when not {{ has_prices(product) }} then 'one price'
        when
            {{ slope }}.price_squares / {{ product }}.price_week_count
            < {{ var('elasticity_min_price_deviation') ** 2 }}
            then 'price moves with store and week'
        when {{ slope }}.unseparated_squares > 0.000001 * {{ slope }}.price_squares
            then 'effects not separated'
    end
{%- endmacro %}

{#- A figure where nothing speaks against it; sums of doubles differ in their last digits. -#}
{% macro stated(figure, condition='judged.missing_reason is null') -%}
    case when {{ condition }} then cast(round({{ figure }}, 6) as double) end
{%- endmacro %}
