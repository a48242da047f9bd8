-- Grain: one row per pair of tables that must state the same net sales. To hold another table to
-- the total, add it to `total` and name the pair in `pair`; row counts are compared where both have
-- one.
with

total as (

    select
        'raw sales lines' as label,
        net_amount,
        row_count

    from {{ ref('int_sales_line__totalled') }}

    union all

    select
        'core.fct_sales' as label,
        sum(net_amount) as net_amount,
        count(*) as row_count

    from {{ ref('fct_sales') }}

    union all

    select
        'core.fct_basket' as label,
        sum(net_amount) as net_amount,
        sum(line_count) as row_count

    from {{ ref('fct_basket') }}

),

pair as (

    select
        'raw to sales fact' as check_name,
        'raw sales lines' as left_label,
        'core.fct_sales' as right_label

    union all

    select
        'sales fact to basket fact' as check_name,
        'core.fct_sales' as left_label,
        'core.fct_basket' as right_label

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
