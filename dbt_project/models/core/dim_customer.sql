-- Grain: one row per customer, by its latest record. Holds no name, mail, phone or address.
-- A customer that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    select * from {{ ref('int_customer__consolidated') }}

),

special_member as (

    {{ special_member_ids() }}
    union all
    select {{ erased_id() }} as member_id

),

member as (

    -- union and not union all: each customer once, however many sources name it
    select customer_id from master

    union

    select customer_id from {{ ref('int_customer__referenced') }}

    union

    select member_id as customer_id from special_member

),

final as (

    select
        {{ member_key('member.customer_id') }} as customer_key,
        member.customer_id,
        member.customer_id as household_id,
        master.source_system,
        master.customer_type,
        master.birth_year,
        master.gender,
        master.country,
        master.home_store_id,
        master.acquisition_date,
        master.acquisition_channel,
        master.age_band,
        master.income_band,
        master.marital_status,
        master.home_ownership,
        master.household_size,
        master.household_composition,
        master.children_count,
        {{ is_inferred('member.customer_id', 'master.customer_id') }} as is_inferred

    from member
    left join master on member.customer_id = master.customer_id

)

select * from final
