-- Grain: one row per identified customer, as of the last date of the data: what is known of who it
-- is, what it is worth and what to do next. Holds no name, and a phone number as a keyed hash
-- alone. In the order of that hash, so that a lookup by it reads one group of rows and no index is
-- kept. Scores and ranks are not additive; amounts are.
with

as_of as (

    select max(business_date) as as_of_date from {{ ref('fct_basket') }}

),

audience as (

    {{ action_audience() }}

),

month_value as (

    {{ last_month_values() }}

),

profile as (

    {{ customer_profiles() }}

),

final as (

    select
        profile.phone_hash,
        profile.email_hash,
        profile.as_of_date,
        profile.customer_key,
        profile.customer_id,
        profile.household_id,
        profile.customer_type,
        profile.birth_year,
        profile.country,
        profile.postal_region,
        profile.home_store_id,
        profile.owner_employee_id,
        profile.acquisition_date,
        profile.acquisition_channel,
        profile.loyalty_tier_name,
        profile.identity_confidence_code,
        profile.field_sources,
        profile.has_marketing_consent,
        {% for purpose in ['profiling', 'analytics', 'health', 'share'] -%}
        coalesce(consent.{{ purpose }}_flag = 1, false) as has_{{ purpose }}_consent,
        {% endfor -%}
        phase.lifecycle_stage_code,
        rhythm.first_purchase_date,
        rhythm.last_purchase_date,
        rhythm.cycle_days,
        month_value.month_end_date as value_month_end_date,
        month_value.net_amount,
        month_value.contribution_amount,
        month_value.value_index,
        month_value.value_tier_code,
        coalesce(month_value.is_lost_key, false) as is_lost_key,
        rfm.rfm_code,
        rfm.segment_code,
        clv.scored_date,
        clv.alive_rate,
        clv.clv_12m_amount,
        priority.priority_rank,
        grade.open_amount,
        grade.overdue_amount,
        grade.grade_code,
        mood.average_satisfaction_score,
        mood.quadrant_code,
        met.last_contact_date,
        care.last_case_date,
        coalesce(care.open_case_count, 0) as open_case_count,
        coalesce(kept.warranty_asset_count, 0) as warranty_asset_count,
        kept.next_warranty_end_date,
        {{ money('talk.open_opportunity_amount') }} as open_opportunity_amount,
        place.favourite_store_id,
        place.favourite_channel,
        liked.favourite_category_name,
        offer.first_action_code,
        offer.first_action_reason,
        offer.second_action_code,
        offer.third_action_code,
        profile.action_block_code,
        {{ completeness('profile') }} as completeness_rate,
        {{ fresh_days('rhythm', 'met', 'care') }} as freshness_days

    from profile
    left join ({{ standing_consents() }}) as consent on profile.customer_id = consent.customer_id
    left join {{ ref('customer_lifecycle') }} as phase
        on profile.customer_id = phase.customer_id and phase.is_current
    left join {{ ref('customer_cycle') }} as rhythm on profile.customer_id = rhythm.customer_id
    left join month_value on profile.customer_id = month_value.customer_id
    left join {{ ref('rfm') }} as rfm on profile.customer_id = rfm.customer_id
    left join {{ ref('customer_clv') }} as clv on profile.customer_id = clv.customer_id
    left join {{ ref('customer_priority') }} as priority
        on profile.customer_id = priority.customer_id
    left join {{ ref('credit_grade') }} as grade on profile.customer_id = grade.customer_id
    left join ({{ customer_satisfaction() }}) as mood on profile.customer_id = mood.customer_id
    left join ({{ customer_contacts() }}) as met on profile.customer_id = met.customer_id
    left join ({{ customer_cases() }}) as care on profile.customer_id = care.customer_id
    left join ({{ customer_warranties() }}) as kept on profile.customer_id = kept.customer_id
    left join ({{ customer_opportunities() }}) as talk on profile.customer_id = talk.customer_id
    left join ({{ favourite_places() }}) as place on profile.customer_id = place.customer_id
    left join ({{ favourite_categories() }}) as liked on profile.household_id = liked.household_id
    left join ({{ customer_actions() }}) as offer on profile.customer_id = offer.customer_id

)

select * from final
order by phone_hash asc nulls last, customer_id asc nulls last
