-- Grain: one row per department of the retailer's own organisation, and the unknown one: those that
-- employees, hours of work or cases name. Departments of goods are in dim_product.
with

employee as (

    select
        {{ filled_text('employee_department') }} as department_id,
        count(*) as employee_count
    from {{ ref('dim_employee') }}
    where left_date is null and employee_key > 0
    group by {{ filled_text('employee_department') }}

),

reason as (

    select
        owner_department as department_id,
        count(*) as case_reason_count
    from {{ ref('dim_case_reason') }}
    group by owner_department

),

named as (

    select {{ filled_text('employee_department') }} as department_id
    from {{ ref('dim_employee') }}

    union

    select {{ filled_text('labour_department') }} as department_id
    from {{ ref('fct_labour') }}
    -- a star is the whole store
    where labour_department <> '*'

    union

    select owner_department as department_id from {{ ref('stg_service__case') }}

    union

    select {{ unknown_id() }} as department_id

),

final as (

    select
        named.department_id,
        cast(coalesce(employee.employee_count, 0) as bigint) as employee_count,
        cast(coalesce(reason.case_reason_count, 0) as bigint) as case_reason_count

    from named
    left join employee on named.department_id = employee.department_id
    left join reason on named.department_id = reason.department_id

    where named.department_id is not null

)

select * from final
