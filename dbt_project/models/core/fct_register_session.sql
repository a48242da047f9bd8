-- Grain: one row per till, business date and session of a drawer. What the Z report says is held
-- against the sales by meta.register_day, since several sessions may share a day.
with

session as (

    select * from {{ ref('stg_pos__register_session') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        store.store_key,
        store.store_id,
        session.workstation_id,
        session.business_date,
        session.session_number,
        session.tender_code,
        session.opened_at,
        session.closed_at,
        {{ money('session.float_amount') }} as float_amount,
        {{ money('session.expected_amount') }} as expected_amount,
        {{ money('session.counted_amount') }} as counted_amount,
        {{ money('session.counted_amount - session.expected_amount') }}
            as drawer_difference_amount,
        {{ money('session.z_total_amount') }} as z_total_amount,
        session.z_transaction_count

    from session
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'session.store_id', 'session.business_date') }}

)

select * from final
