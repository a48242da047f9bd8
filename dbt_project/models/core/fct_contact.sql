-- Grain: one row per contact. Seconds are additive; a NULL of them is not measured, not zero.
with

contact as (

    select * from {{ ref('stg_service__contact_log') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        contact.contact_id,
        contact.contact_date,
        contact.started_at,
        contact.answered_at,
        customer.customer_key,
        customer.customer_id,
        employee.employee_key,
        employee.employee_id,
        contact.contact_channel,
        contact.queue_name,
        contact.contact_reason,
        contact.case_id,
        contact.is_ivr_entered,
        contact.is_ivr_resolved,
        contact.answered_at is not null as is_answered,
        contact.is_abandoned,
        contact.is_blocked,
        contact.is_quality_scored,
        contact.is_quality_correct,
        contact.queued_seconds,
        contact.talk_seconds,
        contact.hold_seconds,
        contact.wrap_seconds

    from contact
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on('contact.customer_id', 'contact.contact_date') }}
    left join {{ ref('dim_employee') }} as employee
        on contact.employee_id = employee.employee_id

)

select * from final
