-- Grain: one row per household, person in it and span of dates in which a source knew the person.
-- Who lives with whom is known as of today and counts for the past too. Companies have none.
with

known as (

    select
        household_id,
        customer_id,
        valid_from_date,
        valid_to_date
    from {{ ref('dim_customer') }}
    -- whoever has no version at all, such as a lead, was never deleted either
    where household_id <> customer_id and (not is_inferred or field_sources is null)

),

merged as (

    {{ merged_spans('known', ['household_id', 'customer_id']) }}

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
