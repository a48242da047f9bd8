{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy('stock_tail'),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_rewritten_stock() }}"
) }}

-- Grain: one row per store, item and span of days within a fiscal period on which its stock did not
-- change, and neither did the versions of store and item. Quantities are not additive over days. A
-- full extract of the store states a day, and so do changes of any store; days without either
-- between two that are stated are spans of their own without quantities, and have no row at the
-- edge of a period. A night goes on with the spans that stand, see macros/inventory_tail.sql.
with

section as (

    {{ stock_sections() }}

),

delta_day as (

    {{ stock_delta_days('section') }}

),

delivery as (

    {{ stock_deliveries('section', 'delta_day') }}

),

movement as (

    select
        moved.*,
        section.fiscal_period_start_date
    from {{ ref('int_stock__moved') }} as moved
    inner join {{ ref('dim_date') }} as dim_date
        on moved.business_date = dim_date.date_day
    inner join section
        on
            moved.store_id = section.store_id
            and dim_date.fiscal_period_start_date = section.fiscal_period_start_date
            and moved.business_date >= section.from_date
            and moved.business_date <= section.to_date

),

{{ items_to_go_on('section', 'delivery', 'movement') }}
delivered as (

    {{ delivered_inventory('delivery', 'delta_day', 'movement') }}

),

dated as (

    {{ dated_inventory('delivered', 'movement') }}

    {{- standing_stock() }}

),

span as (

    {{ inventory_spans('dated') }}

),

final as (

    select
        store.store_key,
        store.store_id,
        product.product_key,
        product.product_id,
        span.fiscal_period_start_date,
        greatest(span.from_date, store.valid_from_date, product.valid_from_date) as from_date,
        least(span.to_date, store.valid_to_date, product.valid_to_date) as to_date,
        {%- for measure in inventory_measures() %}
        span.{{ measure }},
        {%- endfor %}
        {{ money('span.on_hand_quantity * span.unit_cost_amount') }} as stock_cost_amount,
        {{ money('span.on_hand_quantity * span.retail_price_amount') }} as stock_retail_amount,
        span.is_ranged and span.on_hand_quantity <= 0 as is_out_of_stock

    from span
    left join {{ ref('dim_store') }} as store
        on
            {{ reference_id('span.store_id') }} = store.store_id
            and span.from_date <= store.valid_to_date
            and span.to_date >= store.valid_from_date
    left join {{ ref('dim_product') }} as product
        on
            {{ reference_id('span.product_id') }} = product.product_id
            and least(span.to_date, store.valid_to_date) >= product.valid_from_date
            and greatest(span.from_date, store.valid_from_date) <= product.valid_to_date

)

select * from final
{{ told_anew('final', 'section') }}
