{#- The parts of store_item, in weeks that are touched. -#}

{#-
    Sales, receipts, stock and rate beside each other, by store, item and week with an event. Expects
    the CTEs event, sold, delivered, stocked, opening and rate.
-#}
{% macro store_item_weeks() -%}
    select
        event.store_id,
        event.product_id,
        event.fiscal_week_start_date,
        sold.quantity,
        sold.unit_count,
        sold.net_amount,
        sold.margin_amount,
        delivered.receipt_quantity,
        delivered.transfer_in_quantity,
        stocked.known_day_count,
        stocked.in_stock_day_count,
        stocked.ranged_day_count,
        stocked.out_day_count,
        stocked.in_stock_sale_quantity,
        stocked.closing_quantity,
        opening.closing_quantity as opening_quantity,
        rate.average_daily_units
    from event
    left join sold
        on {{ same_store_item_week('event', 'sold') }}
    left join delivered
        on {{ same_store_item_week('event', 'delivered') }}
    left join stocked
        on {{ same_store_item_week('event', 'stocked') }}
    left join opening
        on {{ same_store_item_week('event', 'opening') }}
    left join rate
        on {{ same_store_item_week('event', 'rate') }}
{%- endmacro %}

{#- Rates of the weeks that are touched: a join alone would read those of all weeks. -#}
{% macro touched_rates(reach) -%}
    select * from {{ ref('store_item_rate') }}
    where {{ is_changed('fiscal_week_start_date', 'fiscal_week_start_date', reach=reach) }}
{%- endmacro %}

{#- What a week opens with is what the one before it closed with, in weeks that are touched. -#}
{% macro touched_openings() -%}
    select
        store_id,
        product_id,
        closing_quantity,
        {{ add_days('fiscal_week_start_date', 7) }} as fiscal_week_start_date
    from {{ ref('int_store_item__stocked') }}
    {%- if names_changed() %}
    {%- set week_before = add_days('touched.fiscal_week_start_date', -7) %}
    {%- set touched = changed_periods('fiscal_week_start_date', reach=store_item_reach()) %}
    {%- set weeks = 'select ' ~ week_before ~ ' from (' ~ touched ~ ') as touched' %}
    -- Of the week itself and not of seven days on, or all weeks would be read.
    where fiscal_week_start_date in ({{ adapter.dispatch('asked_once', 'tillhouse')(weeks) }})
    {%- endif %}
{%- endmacro %}
