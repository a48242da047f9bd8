-- Grain: one row per campaign and customer that it touched, with the first date of each stage.
with

touch as (

    select
        told.campaign_id,
        told.cell_id,
        told.event_code,
        told.event_date,
        known_customer.customer_id

    from {{ ref('stg_crm__campaign_touch') }} as told
    left join {{ ref('int_customer__identified') }} as known_customer
        on told.customer_id = known_customer.customer_ref

),

staged as (

    -- A customer sits in one cell of a campaign; should two be named, the first in the alphabet.
    select
        campaign_id,
        customer_id,
        {%- for event in campaign_events() %}
        min(case when event_code = '{{ event }}' then event_date end) as {{ event }}_date,
        {%- endfor %}
        min(cell_id) as cell_id

    from touch

    group by campaign_id, customer_id

)

select * from staged
