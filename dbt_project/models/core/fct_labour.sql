-- Grain: one row per store, department and business date. Hours and costs are additive, but a row
-- of department * is the whole store.
with

labour as (

    select * from {{ ref('stg_master__labour') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        store.store_key,
        store.store_id,
        labour.labour_department,
        labour.business_date,
        {{ quantity('labour.hour_quantity') }} as hour_quantity,
        {{ money('labour.labour_cost_amount') }} as labour_cost_amount

    from labour
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'labour.store_id', 'labour.business_date') }}

)

select * from final
