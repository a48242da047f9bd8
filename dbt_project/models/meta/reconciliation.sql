-- Grain: one row per pair of tables that must state the same net sales. To hold another table to
-- the total, add it to `total` and name the pair in `pair`; row counts are compared where both have
-- one. Marts that leave customers or months out by definition are held by their own tests.
with

total as (

    select 'raw sales lines' as label, net_amount, row_count
    from {{ ref('int_sales_line__totalled') }}

    union all

    select 'core.fct_sales' as label, sum(net_amount) as net_amount, count(*) as row_count
    from {{ ref('fct_sales') }}

    union all

    select 'core.fct_basket' as label, sum(net_amount) as net_amount, sum(line_count) as row_count
    from {{ ref('fct_basket') }}

    union all

    select
        'core.fct_sales of known customers' as label,
        sum(net_amount) as net_amount,
        null as row_count
    from {{ ref('fct_sales') }}
    where customer_key > 0

    union all

    select 'marts.household_habit' as label, sum(net_amount) as net_amount, null as row_count
    from {{ ref('household_habit') }}

    union all

    select 'marts.sales_trend' as label, sum(net_amount) as net_amount, null as row_count
    from {{ ref('sales_trend') }}

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
        ('basket fact to sales trend', 'core.fct_basket', 'marts.sales_trend'),
        ('basket fact to stores by day', 'core.fct_basket', 'marts.store_performance by day'),
        ('basket fact to stores by week', 'core.fct_basket', 'marts.store_performance by week'),
        ('basket fact to stores by period', 'core.fct_basket', 'marts.store_performance by period'),
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
