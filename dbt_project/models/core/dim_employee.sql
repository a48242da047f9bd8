-- Grain: one row per employee, by its latest extract. Holds no name.
-- An employee that facts or customers name and no master knows is inferred; the unknown one is a
-- row too.
with

master as (

    {{ latest_extract(ref('stg_master__employee'), ['employee_id']) }}

),

special_member as (

    {{ special_member_ids() }}

),

named as (

    -- union and not union all: each employee once, however many sources name it
    select employee_id from master

    union

    select member_id as employee_id from special_member

    union

    select member_id as employee_id
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'employee'

    union

    select owner_employee_id as employee_id from {{ ref('dim_customer') }}

    union

    select employee_id from {{ ref('stg_crm__lead') }}

    union

    select employee_id from {{ ref('stg_crm__opportunity') }}

    union

    select employee_id from {{ ref('stg_service__case') }}

    union

    select employee_id from {{ ref('stg_service__contact_log') }}

),

member as (

    select * from named
    where employee_id is not null

),

final as (

    select
        {{ member_key('member.employee_id') }} as employee_key,
        member.employee_id,
        master.store_id,
        master.role_name,
        master.employee_department,
        {{ reference_id('master.territory_name') }} as territory_id,
        master.hired_date,
        master.left_date,
        {{ is_inferred('member.employee_id', 'master.employee_id') }} as is_inferred

    from member
    left join master on member.employee_id = master.employee_id

)

select * from final
