-- Grain: one row per source record and life event of customers who allow the use of health data.
-- Whoever said nothing of it is left out, and who withdrew on one channel withdrew it.
with

consent as (

    select
        customer_id,
        min(case when consent_status = 'granted' then 1 else 0 end) as is_granted,
        cast(max(valid_from_at) as date) as granted_date

    from {{ ref('int_consent__dated') }}

    where
        consent_purpose = 'health'
        and valid_to_at is null

    group by customer_id

),

link as (

    select * from {{ ref('int_customer__linked') }}

),

ranked as (

    select
        life_event.source_system,
        life_event.customer_id as source_customer_ref,
        coalesce(link.customer_id, {{ minted_id('life_event.customer_id') }}) as customer_id,
        life_event.life_event_type,
        life_event.life_event_date,
        life_event.operation_code,
        min(life_event.extracted_at) over (
            partition by
                life_event.source_system,
                life_event.customer_id,
                life_event.life_event_type,
                life_event.life_event_date
        ) as told_at,
        row_number() over (
            partition by
                life_event.source_system, life_event.customer_id, life_event.life_event_type
            order by
                life_event.extracted_at desc nulls last,
                life_event._file_id desc nulls last,
                life_event._line_number desc nulls last
        ) as recency_number

    from {{ ref('stg_crm__life_event') }} as life_event
    left join link
        on
            life_event.source_system = link.source_system
            and life_event.customer_id = link.source_id

),

consented as (

    select
        ranked.customer_id,
        ranked.source_system,
        ranked.source_customer_ref,
        ranked.life_event_type,
        ranked.life_event_date,
        greatest(cast(ranked.told_at as date), consent.granted_date) as known_date

    from ranked
    inner join consent on ranked.customer_id = consent.customer_id

    where
        consent.is_granted = 1
        and ranked.recency_number = 1
        and coalesce(ranked.operation_code, 'U') <> 'D'

)

select * from consented
