-- Grain: one row per pair of tables that must state the same net sales. To hold another table to
-- the total, add it to `total` and name the pair in `pair`; row counts are compared where both have
-- one. Marts that leave customers or months out by definition are held by their own tests.
with

total as (

    select 'raw sales lines' as label, net_amount, row_count
    from {{ ref('int_sales_line__totalled') }}

    union all

    {% for model, row_count in [
        ('core.fct_sales', 'count(*)'),
        ('core.fct_basket', 'sum(line_count)'),
        ('core.fct_sales_week', 'sum(line_count)'),
        ('core.fct_sales_day', 'sum(line_count)'),
        ('marts.household_habit', 'null'),
        ('marts.sales_trend', 'null')
    ] -%}
    select
        '{{ model }}' as label,
        sum(net_amount) as net_amount,
        {{ row_count }} as row_count
    from {{ ref(model.split('.')[1]) }}

    union all

    {% endfor -%}
    select
        'core.fct_sales_week of kept receipts' as label,
        sum(net_amount) as net_amount,
        sum(line_count) as row_count
    from {{ ref('fct_sales_week') }}
    where not is_rolled

    union all

    select
        'core.fct_sales of known customers' as label,
        sum(fct_sales.net_amount) as net_amount,
        null as row_count
    from {{ ref('fct_sales') }} as fct_sales
    left join {{ ref('dim_date') }} as dim_date on fct_sales.business_date = dim_date.date_day
    where
        fct_sales.customer_key > 0
        and dim_date.fiscal_quarter_start_date not in (
            {{ rolled_periods('fiscal_quarter_start_date') }}
        )

    union all

    select
        concat('marts.store_performance by ', period_grain) as label,
        sum(net_amount) as net_amount,
        sum(line_count) as row_count
    from {{ ref('store_performance') }}
    group by period_grain

),

pair as (

    select
        named.check_name,
        named.left_label,
        named.right_label

    from (
        values
        ('raw to sales fact', 'raw sales lines', 'core.fct_sales'),
        ('sales fact to basket fact', 'core.fct_sales', 'core.fct_basket'),
        ('sales fact to weeks', 'core.fct_sales', 'core.fct_sales_week of kept receipts'),
        ('weeks to days', 'core.fct_sales_week', 'core.fct_sales_day'),
        ('weeks to sales trend', 'core.fct_sales_week', 'marts.sales_trend'),
        ('days to stores by day', 'core.fct_sales_day', 'marts.store_performance by day'),
        ('days to stores by week', 'core.fct_sales_day', 'marts.store_performance by week'),
        ('days to stores by period', 'core.fct_sales_day', 'marts.store_performance by period'),
        ('sales fact to households', 'core.fct_sales of known customers', 'marts.household_habit')
    ) as named (check_name, left_label, right_label)

),

compared as (

    select
        pair.check_name,
        pair.left_label,
        pair.right_label,
        {{ money('coalesce(left_total.net_amount, 0)') }} as left_amount,
        {{ money('coalesce(right_total.net_amount, 0)') }} as right_amount,
        cast(left_total.row_count as bigint) as left_row_count,
        cast(right_total.row_count as bigint) as right_row_count

    from pair
    left join total as left_total on pair.left_label = left_total.label
    left join total as right_total on pair.right_label = right_total.label

),

final as (

    select
        check_name,
        left_label,
        right_label,
        left_amount,
        right_amount,
        {{ money('left_amount - right_amount') }} as difference_amount,
        left_row_count,
        right_row_count,
        left_amount = right_amount
        and coalesce(left_row_count = right_row_count, true) as is_equal

    from compared

)

select * from final
