-- Grain: one row per campaign, customer that it touched and cell, with the first date of each
-- stage.
with

touch as (

    select
        told.campaign_id,
        told.event_code,
        told.event_date,
        known_customer.customer_id,
        -- A source may name the cell with the assignment alone: what follows belongs to it.
        coalesce(
            told.cell_id,
            min(told.cell_id) over (partition by told.campaign_id, known_customer.customer_id)
        ) as cell_id

    from {{ ref('stg_crm__campaign_touch') }} as told
    left join {{ ref('int_customer__identified') }} as known_customer
        on told.customer_id = known_customer.customer_ref

),

staged as (

    select
        campaign_id,
        customer_id,
        cell_id,
        {%- for event in campaign_events() %}
        min(case when event_code = '{{ event }}' then event_date end) as {{ event }}_date,
        {%- endfor %}
        row_number() over (
            partition by campaign_id, customer_id
            order by cell_id asc nulls last
        ) as cell_sequence

    from touch

    group by campaign_id, customer_id, cell_id

)

select * from staged
