{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_members('customer', customer_members()) }}"
) }}

-- Grain: one row per customer and version, by the dates of its records. Holds no name, mail, phone
-- or address. A customer that facts name and no source knows is inferred, and so is one while all
-- its records are deleted; the unknown and the erased one are rows too.
with

version as (

    {{ versions_to_build('customer', ref('int_customer__versioned')) }}

),

described as (

    select * from {{ ref('int_customer__described') }}

),

special_member as (

    {{ special_customer_ids() }}

),

member as (

    select customer_id
    from ({{ customer_members() }}) as named
    where {{ is_not_standing('customer_id') }}

),

final as (

    select
        {{ version_key('member.customer_id', 'version.valid_from_date') }} as customer_key,
        member.customer_id,
        coalesce(described.household_id, member.customer_id) as household_id,
        version.source_system,
        version.customer_type,
        described.name_token,
        version.birth_year,
        version.gender,
        version.country,
        version.postal_region,
        version.postal_area,
        version.home_store_id,
        version.acquisition_date,
        version.acquisition_channel,
        version.acquisition_campaign_id,
        version.owner_employee_id,
        described.loyalty_tier_name,
        described.identity_confidence_code,
        coalesce(described.has_marketing_consent, false) as has_marketing_consent,
        version.age_band,
        version.income_band,
        version.marital_status,
        version.home_ownership,
        version.household_size,
        version.household_composition,
        version.children_count,
        version.field_sources,
        {{ validity('version') }},
        coalesce(version.is_inferred, special_member.member_id is null) as is_inferred

    from member
    left join version on member.customer_id = version.customer_id
    left join described on member.customer_id = described.customer_id
    left join special_member on member.customer_id = special_member.member_id

)

select * from final
