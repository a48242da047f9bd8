-- Grain: one row per store and department that it sold for more than it took back, in the 52 fiscal
-- weeks up to the newest one. Amounts are additive, shares over the departments of one store.
with

sold as (

    select
        newest.fiscal_week_start_date,
        sales.store_id,
        product.department_name,
        sum(sales.net_amount) as net_amount

    from {{ ref('fct_sales_week') }} as sales
    inner join (
        select max(fiscal_week_start_date) as fiscal_week_start_date
        from {{ ref('fct_sales_week') }}
    ) as newest
        on sales.fiscal_week_start_date > {{ add_days('newest.fiscal_week_start_date', -364) }}
    -- Left join: each id is a member. For an inner one DuckDB would ask each of the year's rows
    -- twice whether its item is one, which took as long as to sum them.
    left join {{ ref('dim_product') }} as product
        on sales.product_id = product.product_id and product.is_current

    group by newest.fiscal_week_start_date, sales.store_id, product.department_name

),

final as (

    select
        sold.fiscal_week_start_date,
        sold.store_id,
        sold.department_name,
        {{ money('sold.net_amount') }} as net_amount,
        {{ ratio('sold.net_amount', 'sum(sold.net_amount) over (partition by sold.store_id)') }}
            as net_share_rate

    from sold

    where sold.net_amount > 0

)

select * from final
