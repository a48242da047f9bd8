-- Grain: one row per customer, rule, event and due date that a Sunday of the last 53 weeks found
-- due. It is made of the data alone, so that a scan that runs twice gives the same rows. Life
-- events are health data: only customers who allow their use are here, and no score reads this.
-- Counts of rows are additive.
with

data_span as (

    select max(business_date) as last_date from {{ ref('fct_basket') }}

),

rule as (

    select * from {{ ref('dim_service_rule') }}

),

category_day as (

    {{ served_category_days() }}

),

occurrence as (

    {{ service_occurrences(with_life_events=true) }}

),

instruction as (

    {{ found_services() }}

),

consent as (

    {{ asked_consents() }}

),

contact_day as (

    {{ contact_days() }}

),

met as (

    {{ first_followed_date('contact_day', 'met_date') }}

),

bought as (

    {{ first_followed_date('category_day', 'business_date', 'category_name') }}

),

final as (

    select
        customer.customer_key,
        instruction.customer_id,
        instruction.rule_id,
        instruction.event_kind_code,
        instruction.service_event_date,
        instruction.service_due_date,
        instruction.service_week_start_date,
        employee.employee_key,
        employee.employee_id,
        instruction.life_stage_name,
        instruction.category_name,
        instruction.service_channel,
        instruction.instruction_name,
        instruction.rule_reason,
        coalesce(consent.was_granted, 0) = 1 as is_issued,
        case
            when coalesce(consent.was_granted, 0) = 0 then 'withheld'
            when met.followed_date is not null then 'completed'
            when instruction.followed_day_count >= {{ followed_days() }} then 'missed'
            when consent.is_granted = 0 then 'withdrawn'
            else 'open'
        end as instruction_state_code,
        case when consent.was_granted = 1 then met.followed_date end as completed_date,
        case when consent.was_granted = 1 then bought.followed_date end as bought_date,
        instruction.followed_day_count >= {{ followed_days() }} as is_ripe

    from instruction
    left join consent
        on
            instruction.customer_id = consent.customer_id
            and instruction.service_week_start_date = consent.service_week_start_date
            and instruction.asked_channel = consent.asked_channel
    left join met
        on
            instruction.customer_id = met.customer_id
            and instruction.service_week_start_date = met.service_week_start_date
    left join bought
        on
            instruction.customer_id = bought.customer_id
            and instruction.service_week_start_date = bought.service_week_start_date
            and instruction.category_name = bought.category_name
    left join {{ ref('dim_customer') }} as customer
        on {{ version_on(
            'customer', 'instruction.customer_id', 'instruction.service_week_start_date'
        ) }}
    left join {{ ref('dim_employee') }} as employee
        on {{ reference_id('customer.owner_employee_id') }} = employee.employee_id

)

select * from final
