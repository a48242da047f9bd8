-- Grain: one row per sales territory, and the unknown one: a region of stores, or what the employee
-- master calls a territory; one of the same name is the same. Stores and employees have its id.
with

store as (

    select * from {{ ref('dim_store') }}
    where store_key > 0

),

employee as (

    select * from {{ ref('dim_employee') }}
    where employee_key > 0

),

member as (

    -- a region that a store has left is one too
    select territory_id from store

    union

    select territory_id from employee

    union

    select {{ unknown_id() }} as territory_id

),

store_of_territory as (

    select
        territory_id,
        count(*) as store_count,
        case when min(country) = max(country) then min(country) end as country
    from store
    where is_current and close_date is null
    group by territory_id

),

employee_of_territory as (

    select
        territory_id,
        count(*) as employee_count
    from employee
    where left_date is null
    group by territory_id

),

final as (

    select
        member.territory_id,
        store_of_territory.country,
        cast(coalesce(store_of_territory.store_count, 0) as bigint) as store_count,
        cast(coalesce(employee_of_territory.employee_count, 0) as bigint) as employee_count

    from member
    left join store_of_territory on member.territory_id = store_of_territory.territory_id
    left join employee_of_territory on member.territory_id = employee_of_territory.territory_id

)

select * from final
