-- Grain: one row per pair of tables that must state the same net sales. To hold another table to
-- the total, add it to `total` and name the pair in `pair`; row counts are compared where both have
-- one. Marts that leave customers or months out by definition are held by their own tests.
with

week_total as (

    select is_rolled, sum(net_amount) as net_amount, sum(line_count) as line_count
    from {{ ref('fct_sales_week') }}
    group by is_rolled

),

total as (

    {% set raw_day = ref('int_sales_line__totalled') -%}
    {% for label, relation, amount, row_count in [
        ('raw lines', source('raw', 'pos_line'), 'extended_amount', 'count(*)'),
        ('raw lines by date', raw_day, 'stated_amount', 'sum(stated_row_count)'),
        ('raw sales lines', raw_day, 'net_amount', 'sum(row_count)'),
        ('core.fct_sales', ref('fct_sales'), 'net_amount', 'count(*)'),
        ('core.fct_basket', ref('fct_basket'), 'net_amount', 'sum(line_count)'),
        ('core.fct_sales_week', 'week_total', 'net_amount', 'sum(line_count)'),
        ('core.fct_sales_week of kept receipts', 'week_total',
            'case when not is_rolled then net_amount end',
            'sum(case when not is_rolled then line_count end)'),
        ('core.fct_sales_day', ref('fct_sales_day'), 'net_amount', 'sum(line_count)'),
        ('marts.household_habit', ref('household_habit'), 'net_amount', 'null'),
        ('marts.sales_trend', ref('sales_trend'), 'net_amount', 'null')
    ] -%}
    select '{{ label }}' as label, sum({{ amount }}) as net_amount, {{ row_count }} as row_count
    from {{ relation }}

    union all

    {% endfor -%}
    select
        'core.fct_basket of known customers' as label,
        sum(net_amount) as net_amount,
        null as row_count
    from {{ ref('fct_basket') }}
    where
        customer_key > 0
        and business_date not in (
            select dim_date.date_day from {{ ref('dim_date') }} as dim_date
            where
                dim_date.fiscal_quarter_start_date
                in ({{ rolled_periods('fiscal_quarter_start_date') }})
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
        ('raw to its dates', 'raw lines', 'raw lines by date'),
        ('raw to sales fact', 'raw sales lines', 'core.fct_sales'),
        ('sales fact to basket fact', 'core.fct_sales', 'core.fct_basket'),
        ('sales fact to weeks', 'core.fct_sales', 'core.fct_sales_week of kept receipts'),
        ('weeks to days', 'core.fct_sales_week', 'core.fct_sales_day'),
        ('weeks to sales trend', 'core.fct_sales_week', 'marts.sales_trend'),
        ('days to stores by day', 'core.fct_sales_day', 'marts.store_performance by day'),
        ('days to stores by week', 'core.fct_sales_day', 'marts.store_performance by week'),
        ('days to stores by period', 'core.fct_sales_day', 'marts.store_performance by period'),
        ('baskets to households', 'core.fct_basket of known customers', 'marts.household_habit')
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
