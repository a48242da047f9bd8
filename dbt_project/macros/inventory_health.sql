{#- Stock as its state: what lies in each store, and what is missing, by span of days in a week. -#}

{#-
    Stock of a week with the rate at which it sells, and when it last sold and came. A span may hold a
    sale that a delivery of the same day made up for, so it tells what was known at its end. Expects
    the CTEs stock_span, sold_day, rate and day.
-#}
{% macro rated_stock_spans() -%}
    select
        stock_span.*,
        rate.average_daily_units,
        rate.rate_source_code,
        rate.is_recurring,
        rate.net_per_unit,
        rate.margin_per_unit,
        rate.out_day_count as out_day_count_before,
        case
            when rate.rate_source_code = 'item'
                then {{ ratio('rate.in_stock_sold_day_count', 'rate.in_stock_day_count') }}
        end as sold_day_rate,
        coalesce(sold.last_sale_date, rate.last_sale_date) as last_sale_date,
        coalesce(delivered.last_receipt_date, rate.last_receipt_date) as last_receipt_date
    from stock_span
    left join rate
        on {{ same_store_item_week('stock_span', 'rate') }}
    left join (
        select
            span.store_id,
            span.product_id,
            span.from_date,
            max(sold_day.business_date) as last_sale_date
        from sold_day
        inner join stock_span as span
            on
                sold_day.store_id = span.store_id
                and sold_day.product_id = span.product_id
                and sold_day.fiscal_week_start_date = span.fiscal_week_start_date
                and sold_day.business_date <= span.to_date
        group by span.store_id, span.product_id, span.from_date
    ) as sold
        on
            stock_span.store_id = sold.store_id
            and stock_span.product_id = sold.product_id
            and stock_span.from_date = sold.from_date
    left join (
        select
            span.store_id,
            span.product_id,
            span.from_date,
            max(moved.business_date) as last_receipt_date
        from {{ ref('fct_stock_movement') }} as moved
        inner join day on moved.business_date = day.date_day
        inner join stock_span as span
            on
                moved.store_id = span.store_id
                and moved.product_id = span.product_id
                and day.fiscal_week_start_date = span.fiscal_week_start_date
                and moved.business_date <= span.to_date
        where moved.movement_type_code in ('receipt', 'transfer_in')
        group by span.store_id, span.product_id, span.from_date
    ) as delivered
        on
            stock_span.store_id = delivered.store_id
            and stock_span.product_id = delivered.product_id
            and stock_span.from_date = delivered.from_date
{%- endmacro %}

{#-
    What the stock of a span is called. An item that is lent its category's rate is dead only once it
    has stood for long enough to have one of its own.
-#}
{% macro stock_state() -%}
    case
        when judged.is_out_of_stock then 'out'
        when
            judged.rate_source_code = 'item'
            and judged.average_daily_units = 0
            and judged.last_sale_date is null
            then 'dead'
        when
            judged.supply_days < parameter.low_supply_days
            or judged.on_hand_quantity < judged.safety_stock_quantity
            then 'low'
        when judged.supply_days > parameter.over_supply_days then 'over'
        else 'ok'
    end
{%- endmacro %}

{#-
    Why the books are doubted. ledger: a residual of the stock ledger beyond so many days of sales (M20).
    silent: in stock for so long without a sale that an item which sells on that share of its days would
    do so by chance less than once in a thousand.
-#}
{% macro phantom_reason() -%}
    case
        when
            judged.average_daily_units > 0
            and abs(judged.residual_quantity)
            > parameter.phantom_rate_multiple * judged.average_daily_units
            then 'ledger'
        when {{ is_silent('judged') }} then 'silent'
    end
{%- endmacro %}

{#- The condition that it has not sold for longer than chance allows. What is out has no unsold days. -#}
{% macro is_silent(stock) -%}
    {{ stock }}.sold_day_rate > 0
        and power(1 - {{ stock }}.sold_day_rate, {{ stock }}.unsold_days) < parameter.phantom_chance
{%- endmacro %}

{#-
    What a night writes of a week lies in the order of its stores, so that a reader of one store passes
    over all others. A full build is not sorted: with all weeks at once DuckDB ran out of memory.
-#}
{% macro in_order_of_stores() -%}
    {%- if is_incremental() -%}
    order by fiscal_week_start_date, store_id
    {%- endif -%}
{%- endmacro %}
