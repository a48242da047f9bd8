-- Grain: one row per meeting of a customer with an employee. Visits and call-outs are service cases
-- of the types visit and maintenance; contacts at a branch and chats come from the contact log,
-- where blocked ones met nobody.
with

interaction as (

    select
        concat_ws('-', 'case', case_id) as interaction_id,
        case when case_type_code = 'visit' then 'visit' else 'call_out' end
            as interaction_type_code,
        case_opened_date as interaction_date,
        customer_key,
        customer_id,
        employee_key,
        employee_id,
        resolution_code as outcome_code,
        case_id

    from {{ ref('fct_service_case') }}

    where case_type_code in ('visit', 'maintenance')

    union all

    select
        concat_ws(
            '-', 'contact', cast(contact_date as {{ dbt.type_string() }}), contact_id
        ) as interaction_id,
        contact_channel as interaction_type_code,
        contact_date as interaction_date,
        customer_key,
        customer_id,
        employee_key,
        employee_id,
        case when is_abandoned then 'abandoned' else 'answered' end as outcome_code,
        case_id

    from {{ ref('fct_contact') }}

    where contact_channel in ('branch', 'chat') and not is_blocked

)

select * from interaction
