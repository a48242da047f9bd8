-- Grain: one row per household, as it is today; a customer without one is a household alone. One
-- of before, whose members are of others today, is there without any. What sources say of the
-- household is the word of its head, or of the first member who says anything.
{%- set attributes = ['household_size', 'household_composition', 'children_count', 'age_band'] %}
with

member as (

    select
        household_id,
        customer_key,
        is_inferred,
        {%- for attribute in attributes %}
        {{ attribute }},
        {%- endfor %}
        row_number() over (
            partition by household_id
            order by
                case when {{ is_household_head() }} then 0 else 1 end asc nulls last,
                customer_id asc nulls last
        ) as member_rank

    from {{ ref('dim_customer') }}

    where is_current

),

named as (

    select household_id from member

    union

    select household_id from {{ ref('bridge_household_member') }}

),

household as (

    select
        named.household_id,
        {%- for attribute in attributes %}
        {{ first_filled(attribute, attribute, 'member_rank') }} as {{ attribute }},
        {%- endfor %}
        {{ count_where('customer_key > 0') }} as member_count,
        {{ count_where('customer_key > 0 and not is_inferred') }} as known_member_count

    from named
    left join member on named.household_id = member.household_id

    group by named.household_id

),

final as (

    select
        {{ member_key('household_id') }} as household_key,
        household_id,
        member_count,
        known_member_count,
        household_size,
        household_composition,
        children_count,
        {{ life_stage('children_count', 'household_composition', 'age_band') }} as life_stage_code

    from household

)

select * from final
