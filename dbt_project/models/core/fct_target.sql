-- Grain: one row per store, metric and business date. Additive over stores and dates of one metric.
with

target as (

    select * from {{ ref('stg_master__target') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        store.store_key,
        store.store_id,
        target.metric_code,
        target.business_date,
        {{ money('target.target_amount') }} as target_amount

    from target
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'target.store_id', 'target.business_date') }}

)

select * from final
