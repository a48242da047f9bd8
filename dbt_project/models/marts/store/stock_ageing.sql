-- Grain: one row per store, category, age basis (delivery, sale) and age band, of what is in stock
-- on the last day of which the store's stock is known. Never add both bases: each tells all stock.
with

recent as (

    -- A store that is silent for longer than a week has no stock of today.
    select {{ add_days('max(fiscal_week_start_date)', -7) }} as from_date
    from {{ ref('inventory_health') }}

),

last_day as (

    select
        store_id,
        max(to_date) as as_of_date
    from {{ ref('inventory_health') }}
    where fiscal_week_start_date >= (select recent.from_date from recent)
    group by store_id

),

stock as (

    select
        health.store_id,
        last_day.as_of_date,
        health.product_id,
        health.on_hand_quantity,
        health.stock_cost_amount,
        health.stock_retail_amount,
        health.age_days,
        health.unsold_days
    from {{ ref('inventory_health') }} as health
    inner join last_day
        on
            health.store_id = last_day.store_id
            and health.to_date = last_day.as_of_date
    where
        health.on_hand_quantity > 0
        and health.fiscal_week_start_date >= (select recent.from_date from recent)

),

aged as (

    {% for basis, days in [('delivery', 'age_days'), ('sale', 'unsold_days')] -%}
    select
        stock.*,
        '{{ basis }}' as age_basis_code,
        stock.{{ days }} as old_days
    from stock

    {% if not loop.last -%}
    union all

    {% endif %}
    {%- endfor -%}

),

final as (

    select
        aged.store_id,
        aged.as_of_date,
        product.department_name,
        product.category_name,
        aged.age_basis_code,
        coalesce(band.age_band_code, 'older') as age_band_code,
        count(*) as item_count,
        {{ quantity('sum(aged.on_hand_quantity)') }} as on_hand_quantity,
        {{ money('sum(aged.stock_cost_amount)') }} as stock_cost_amount,
        {{ money('sum(aged.stock_retail_amount)') }} as stock_retail_amount

    from aged
    left join {{ ref('dim_product') }} as product
        on aged.product_id = product.product_id and product.is_current
    left join {{ ref('stock_age_band') }} as band
        on aged.old_days >= band.from_days and aged.old_days <= band.to_days

    group by
        aged.store_id,
        aged.as_of_date,
        product.department_name,
        product.category_name,
        aged.age_basis_code,
        coalesce(band.age_band_code, 'older')

)

select * from final
