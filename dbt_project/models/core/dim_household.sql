-- Grain: one row per household, as it is today; a customer without one is a household alone. What
-- sources say of the household is the word of its head, or of the first member who says anything.
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

household as (

    select
        household_id,
        {%- for attribute in attributes %}
        {{ first_filled(attribute, attribute, 'member_rank') }} as {{ attribute }},
        {%- endfor %}
        {{ count_where('customer_key > 0') }} as member_count,
        {{ count_where('customer_key > 0 and not is_inferred') }} as known_member_count

    from member

    group by household_id

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
