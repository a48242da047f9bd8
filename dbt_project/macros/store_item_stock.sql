{#- What stock and sales of an item in a store say of a fiscal week. -#}

{#- The condition that two relations tell of one store, item and fiscal week. -#}
{% macro same_store_item_week(one, other) -%}
    {{ one }}.store_id = {{ other }}.store_id
            and {{ one }}.product_id = {{ other }}.product_id
            and {{ one }}.fiscal_week_start_date = {{ other }}.fiscal_week_start_date
{%- endmacro %}

{#-
    How many days a store traded from one day of a week to a later one. It did when it rang up a
    receipt that is still kept: a day of which sales are not known, or that is closed, is no day on
    which an item could have sold. Spans and not days, so that a span of stock finds its days with one
    join. Expects the CTE day.
-#}
{% macro trading_spans() -%}
    select
        sales_day.store_id,
        first_day.date_day as from_date,
        last_day.date_day as to_date,
        count(*) as trading_day_count
    from {{ ref('fct_sales_day') }} as sales_day
    inner join day on sales_day.business_date = day.date_day
    inner join day as first_day
        on
            day.fiscal_week_start_date = first_day.fiscal_week_start_date
            and day.date_day >= first_day.date_day
    inner join day as last_day
        on
            day.fiscal_week_start_date = last_day.fiscal_week_start_date
            and day.date_day <= last_day.date_day
    where not sales_day.is_rolled
    group by sales_day.store_id, first_day.date_day, last_day.date_day
{%- endmacro %}

{#-
    Spans of stock cut to the weeks they fall in. Whole weeks make a period, so that the period finds
    the weeks, and of one that goes on just what is told anew. Expects the CTEs week and weeks_to_go_on.
-#}
{% macro week_stock_spans() -%}
    select
        span.store_id,
        span.product_id,
        week.fiscal_week_start_date,
        greatest(span.from_date, week.fiscal_week_start_date) as from_date,
        least(span.to_date, week.week_end_date) as to_date,
        span.on_hand_quantity,
        span.safety_stock_quantity,
        span.residual_quantity,
        span.stock_cost_amount,
        span.stock_retail_amount,
        span.on_hand_quantity > 0 as is_in_stock,
        coalesce(span.is_ranged, false) as is_ranged,
        coalesce(span.is_out_of_stock, false) as is_out_of_stock
    from {{ ref('fct_inventory_snapshot') }} as span
    inner join week
        on
            span.fiscal_period_start_date = week.fiscal_period_start_date
            and span.from_date <= week.week_end_date
            and span.to_date >= week.fiscal_week_start_date
    {{- join_stirred_items('span', 'week') }}
    where
        span.on_hand_quantity is not null
        {{- is_told() }}
{%- endmacro %}

{#-
    Days of each kind and the closing stock, by store, item and week. Expects the CTEs stock_span,
    trading_span and last_delivery.
-#}
{% macro week_stock_days() -%}
    select
        stock_span.store_id,
        stock_span.product_id,
        stock_span.fiscal_week_start_date,
        sum({{ days_between('stock_span.from_date', 'stock_span.to_date') }} + 1) as known_day_count,
        sum(case when stock_span.is_in_stock then coalesce(trading_span.trading_day_count, 0) else 0 end)
            as in_stock_day_count,
        sum(
            case
                when stock_span.is_ranged
                    then {{ days_between('stock_span.from_date', 'stock_span.to_date') }} + 1
                else 0
            end
        ) as ranged_day_count,
        sum(
            case
                when stock_span.is_out_of_stock
                    then {{ days_between('stock_span.from_date', 'stock_span.to_date') }} + 1
                else 0
            end
        ) as out_day_count,
        max(
            case
                when
                    stock_span.from_date <= last_delivery.last_date
                    and stock_span.to_date >= last_delivery.last_date
                    then stock_span.on_hand_quantity
            end
        ) as closing_quantity,
        max(stock_span.to_date) as to_date,
        max_by(stock_span.is_in_stock, stock_span.to_date) as is_in_stock,
        max_by(stock_span.is_ranged, stock_span.to_date) as is_ranged
    from stock_span
    left join trading_span
        on
            stock_span.store_id = trading_span.store_id
            and stock_span.from_date = trading_span.from_date
            and stock_span.to_date = trading_span.to_date
    left join last_delivery
        on
            stock_span.store_id = last_delivery.store_id
            and stock_span.fiscal_week_start_date = last_delivery.fiscal_week_start_date
    group by stock_span.store_id, stock_span.product_id, stock_span.fiscal_week_start_date
{%- endmacro %}

{#-
    What sold by store, item and week, and how much of it on in-stock days. Expects the CTEs sold_day
    and stock_span.
-#}
{% macro week_stock_sales() -%}
    select
        sold_day.store_id,
        sold_day.product_id,
        sold_day.fiscal_week_start_date,
        sum(sold_day.quantity) as sale_quantity,
        sum(sold_day.net_amount) as sale_net_amount,
        sum(sold_day.costed_quantity) as costed_sale_quantity,
        sum(sold_day.margin_amount) as sale_margin_amount,
        sum(case when stock_span.is_in_stock then sold_day.quantity else 0 end)
            as in_stock_sale_quantity,
        {{ count_where('stock_span.is_in_stock and sold_day.quantity > 0') }}
            as in_stock_sold_day_count,
        max(sold_day.business_date) as last_sale_date
    from sold_day
    left join stock_span
        on
            sold_day.store_id = stock_span.store_id
            and sold_day.product_id = stock_span.product_id
            and sold_day.business_date >= stock_span.from_date
            and sold_day.business_date <= stock_span.to_date
    group by sold_day.store_id, sold_day.product_id, sold_day.fiscal_week_start_date
{%- endmacro %}

{#-
    What sold by store, item and date. Demand is what was sold; what came back is none the less.
    Expects the CTE day.
-#}
{% macro week_sold_days() -%}
    select
        fct_sales.store_id,
        fct_sales.product_id,
        day.fiscal_week_start_date,
        fct_sales.business_date,
        sum(fct_sales.quantity) as quantity,
        sum(fct_sales.net_amount) as net_amount,
        sum(case when fct_sales.margin_amount is not null then fct_sales.quantity end)
            as costed_quantity,
        sum(fct_sales.margin_amount) as margin_amount
    from {{ ref('fct_sales') }} as fct_sales
    inner join day on fct_sales.business_date = day.date_day
    where fct_sales.line_type = 'sale'
    group by
        fct_sales.store_id,
        fct_sales.product_id,
        day.fiscal_week_start_date,
        fct_sales.business_date
{%- endmacro %}

{#- What came into a store, by item and week that is touched. -#}
{% macro week_deliveries(reach) -%}
    select
        moved.store_id,
        moved.product_id,
        dim_date.fiscal_week_start_date,
        sum(case when moved.movement_type_code = 'receipt' then moved.movement_quantity else 0 end)
            as receipt_quantity,
        sum(case when moved.movement_type_code = 'transfer_in' then moved.movement_quantity else 0 end)
            as transfer_in_quantity,
        max(moved.business_date) as last_receipt_date
    from {{ ref('fct_stock_movement') }} as moved
    inner join {{ ref('dim_date') }} as dim_date on moved.business_date = dim_date.date_day
    where
        moved.movement_type_code in ('receipt', 'transfer_in')
        and {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date', reach=reach) }}
    group by moved.store_id, moved.product_id, dim_date.fiscal_week_start_date
{%- endmacro %}
