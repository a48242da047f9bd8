-- Grain: one row per household, person in it and span of dates: who lived with whom, as contacts
-- and addresses of then tell, while a source knew the person. Companies have none.
with

known as (

    select
        customer_id,
        valid_from_date,
        valid_to_date
    from {{ ref('dim_customer') }}
    -- whoever has no version at all, such as a lead, was never deleted either
    where not is_inferred or field_sources is null

),

membership as (

    select
        household.household_id,
        household.customer_id,
        greatest(household.valid_from_date, known.valid_from_date) as valid_from_date,
        least(household.valid_to_date, known.valid_to_date) as valid_to_date
    from {{ source('identity', 'household') }} as household
    inner join known
        on
            household.customer_id = known.customer_id
            and household.valid_from_date <= known.valid_to_date
            and household.valid_to_date >= known.valid_from_date

),

merged as (

    {{ merged_spans('membership', ['household_id', 'customer_id']) }}

),

final as (

    select
        household_id,
        customer_id,
        case when {{ is_household_head() }} then 'head' else 'member' end as member_role_code,
        valid_from_date,
        valid_to_date,
        valid_to_date = {{ last_valid_date() }} as is_current

    from merged

)

select * from final
