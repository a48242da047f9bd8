{#- Parts of marts.segment_profile. -#}

{#- Customers of the last month end with their attributes; what is not known is NULL. -#}
{% macro described_customers() -%}
    select
        valued.month_end_date,
        valued.value_tier_code,
        nullif(lower(customer.customer_type), {{ unknown_id() }}) as customer_type,
        lower({{ filled_text('customer.gender') }}) as gender,
        coalesce(
            {{ age_label('extract(year from valued.month_end_date) - customer.birth_year') }},
            lower({{ filled_text('customer.age_band') }})
        ) as age,
        lower({{ filled_text('customer.income_band') }}) as income,
        nullif(household.life_stage_code, 'unknown') as stage_of_life,
        lower({{ filled_text('customer.acquisition_channel') }}) as acquisition_channel,
        acquisition.entry_channel as first_channel,
        lower({{ filled_text('store.format') }}) as first_store_format,
        lower({{ filled_text('store.region') }}) as first_region,
        case
            when not acquisition.is_rolled and valued.is_new_customer then 'under a year'
            when not valued.is_new_customer then 'a year or more'
        end as tenure
    from {{ ref('customer_value') }} as valued
    left join {{ ref('dim_customer') }} as customer
        on valued.customer_key = customer.customer_key
    left join {{ ref('dim_household') }} as household
        on customer.household_id = household.household_id
    left join {{ ref('fct_acquisition') }} as acquisition
        on valued.customer_id = acquisition.customer_id
    left join {{ ref('dim_store') }} as store
        on acquisition.entry_store_id = store.store_id and store.is_current
    where valued.month_end_date = (select max(month_end_date) from {{ ref('customer_value') }})
{%- endmacro %}

{% macro age_label(years) -%}
    case
        when {{ years }} < 25 then 'under 25'
        when {{ years }} < 35 then '25 to 34'
        when {{ years }} < 50 then '35 to 49'
        when {{ years }} < 65 then '50 to 64'
        when {{ years }} < 120 then '65 or more'
    end
{%- endmacro %}

{#- One row per cell and attribute that is known. Expects the CTE cell. -#}
{% macro profile_conditions(attributes) -%}
    {%- for attribute in attributes %}
    select
        cell_number,
        '{{ attribute | replace('_', ' ') }}' as attribute_name,
        {{ attribute }} as attribute_code,
        customer_count,
        target_count
    from cell
    where {{ attribute }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Two conditions that hold for the same customers. Expects the CTE fulfilled. -#}
{% macro profile_pairs() -%}
    select
        one.attribute_name,
        one.attribute_code,
        other.attribute_name as other_attribute_name,
        other.attribute_code as other_attribute_code,
        sum(one.customer_count) as customer_count,
        sum(one.target_count) as target_count
    from fulfilled as one
    inner join fulfilled as other
        on one.cell_number = other.cell_number and one.attribute_name < other.attribute_name
    group by 1, 2, 3, 4
{%- endmacro %}

{#-
    Rules of enough customers. Two conditions are told where they are a tenth purer than either alone:
    otherwise the shorter rule says it. Expects the CTEs single and pair.
-#}
{% macro profile_rules() -%}
    select
        concat(attribute_name, ' is ', attribute_code) as rule_label,
        cast(1 as bigint) as condition_count,
        customer_count,
        target_count
    from single
    where customer_count >= {{ var('segment_min_customer_count') }}

    union all

    select
        concat(
            pair.attribute_name, ' is ', pair.attribute_code, ' and ',
            pair.other_attribute_name, ' is ', pair.other_attribute_code
        ) as rule_label,
        cast(2 as bigint) as condition_count,
        pair.customer_count,
        pair.target_count
    from pair
    inner join single as one
        on
            pair.attribute_name = one.attribute_name
            and pair.attribute_code = one.attribute_code
    inner join single as other
        on
            pair.other_attribute_name = other.attribute_name
            and pair.other_attribute_code = other.attribute_code
    where
        pair.customer_count >= {{ var('segment_min_customer_count') }}
        and 10 * pair.target_count * one.customer_count
        >= 11 * one.target_count * pair.customer_count
        and 10 * pair.target_count * other.customer_count
        >= 11 * other.target_count * pair.customer_count
{%- endmacro %}

{#- How many times more often than by chance: both rates at once, since a rounded rate would show. -#}
{% macro profile_lift() -%}
    {{ ratio(
        'house.customer_count * rule.target_count', '(rule.customer_count * house.target_count)'
    ) }}
{%- endmacro %}

{#- Chi-square of the table: under the rule or not, of tier A or not. In doubles, as counts multiply. -#}
{% macro profile_chi_square() -%}
    {%- set n = 'cast(house.customer_count as double)' -%}
    {%- set n_rule = 'cast(rule.customer_count as double)' -%}
    {%- set n_target = 'cast(house.target_count as double)' -%}
    {{ n }} * power({{ n }} * rule.target_count - {{ n_rule }} * {{ n_target }}, 2)
    / nullif({{ n_rule }} * {{ n_target }} * ({{ n }} - {{ n_rule }}) * ({{ n }} - {{ n_target }}), 0)
{%- endmacro %}
