{#- Parts of customer_360. Each has a row a customer at most; what is not known of one is NULL there. -#}

{#- The share of what a whole profile fills that is filled. -#}
{% macro completeness(relation) -%}
    {%- set fields = [
        'customer_type', 'birth_year', 'country', 'postal_area', 'home_store_id', 'acquisition_date',
        'acquisition_channel', 'owner_employee_id', 'email_hash', 'phone_hash'
    ] -%}
    cast(
        {%- for field in fields %}
        case when {{ relation }}.{{ field }} is not null then 1 else 0 end {{ '+' if not loop.last }}
        {%- endfor %}
    as double) / {{ fields | length }}
{%- endmacro %}

{#- One contact of several: that of the source that comes first, as for all other fields. -#}
{% macro surviving_contacts() -%}
    select
        contact.customer_id,
        {%- for kind in ['email', 'phone'] %}
        min_by(
            contact.{{ kind }}_hash,
            case
                when contact.{{ kind }}_hash is not null
                    then concat(
                        lpad(cast(coalesce(priority.priority, 999) as {{ dbt.type_string() }}), 3, '0'),
                        contact.source_system, '|', contact.source_customer_ref
                    )
            end
        ) as {{ kind }}_hash,
        {%- endfor %}
        count(*) as contact_record_count
    from {{ ref('dim_customer_contact') }} as contact
    left join {{ ref('source_priority') }} as priority
        on contact.source_system = priority.source_system
    group by contact.customer_id
{%- endmacro %}

{#- What each customer allows today on some channel; health data only where no channel denies it. -#}
{% macro standing_consents() -%}
    select
        customer_id,
        {%- for purpose in ['profiling', 'analytics', 'share'] %}
        max(case when consent_purpose = '{{ purpose }}' and is_granted then 1 else 0 end)
            as {{ purpose }}_flag,
        {%- endfor %}
        min(case when consent_purpose = 'health' then case when is_granted then 1 else 0 end end)
            as health_flag
    from {{ ref('dim_consent') }}
    where is_current
    group by customer_id
{%- endmacro %}

{#- Store and channel of most receipts of the last 365 days; ties go by name. Expects as_of. -#}
{% macro favourite_places() -%}
    with
    place as (
        select
            basket.customer_id,
            basket.store_id,
            basket.channel,
            count(*) as receipt_count
        from {{ ref('fct_basket') }} as basket
        inner join as_of
            on basket.business_date > {{ add_days('as_of.as_of_date', -365) }}
        where basket.customer_key > 0 and basket.is_transaction
        group by basket.customer_id, basket.store_id, basket.channel
    )
    {%- for name in ['store_id', 'channel'] %},
    {{ name }}_count as (
        select customer_id, {{ name }}, sum(receipt_count) as receipt_count
        from place
        group by customer_id, {{ name }}
    ),
    {{ name }}_favourite as ({{ favourite(name ~ '_count', 'customer_id', name, 'receipt_count') }})
    {%- endfor %}
    select
        store_id_favourite.customer_id,
        store_id_favourite.favourite_store_id,
        channel_favourite.favourite_channel
    from store_id_favourite
    inner join channel_favourite on store_id_favourite.customer_id = channel_favourite.customer_id
{%- endmacro %}

{#- The category on which the household spent most in the last 15 months; ties go by name. -#}
{% macro favourite_categories() -%}
    with
    spent as (
        select habit.household_id, habit.category_name, sum(habit.net_amount) as net_amount
        from {{ ref('household_habit') }} as habit
        inner join as_of
            on habit.fiscal_quarter_start_date > {{ add_days('as_of.as_of_date', -456) }}
        where habit.category_name <> 'Unknown'
        group by habit.household_id, habit.category_name
    )
    {{ favourite('spent', 'household_id', 'category_name', 'net_amount') }}
{%- endmacro %}

{#-
    The first name by order that has the greatest sum of its owner. Not ranked: there are a hundred times
    as many sums as owners to sort.
-#}
{% macro favourite(sums, owner, name, amount) -%}
    select {{ sums }}.{{ owner }}, min({{ sums }}.{{ name }}) as favourite_{{ name }}
    from {{ sums }}
    inner join (
        select {{ owner }}, max({{ amount }}) as {{ amount }} from {{ sums }} group by {{ owner }}
    ) as most
        on {{ sums }}.{{ owner }} = most.{{ owner }} and {{ sums }}.{{ amount }} = most.{{ amount }}
    group by {{ sums }}.{{ owner }}
{%- endmacro %}

{#- Cases. -#}
{% macro customer_cases() -%}
    select
        customer_id,
        max(case_opened_date) as last_case_date,
        {{ count_where('is_case_open') }} as open_case_count
    from {{ ref('fct_service_case') }}
    where customer_key > 0
    group by customer_id
{%- endmacro %}

{#- Contacts. -#}
{% macro customer_contacts() -%}
    select
        customer_id,
        max(contact_date) as last_contact_date
    from {{ ref('fct_contact') }}
    where customer_key > 0
    group by customer_id
{%- endmacro %}

{#- Warranties that stand. Expects as_of. -#}
{% macro customer_warranties() -%}
    select
        asset.customer_id,
        count(*) as warranty_asset_count,
        min(asset.warranty_end_date) as next_warranty_end_date
    from {{ ref('fct_asset_lifecycle') }} as asset
    inner join as_of on asset.warranty_end_date >= as_of.as_of_date
    where asset.customer_key > 0 and asset.returned_date is null
    group by asset.customer_id
{%- endmacro %}

{#- What is neither ordered nor lost. -#}
{% macro customer_opportunities() -%}
    select
        customer_id,
        sum(opportunity_amount) as open_opportunity_amount
    from {{ ref('fct_sales_pipeline') }}
    where customer_key > 0 and order_date is null and lost_date is null
    group by customer_id
{%- endmacro %}

{#- The first three actions. -#}
{% macro customer_actions() -%}
    select
        customer_id,
        max(case when action_rank = 1 then action_code end) as first_action_code,
        max(case when action_rank = 1 then action_reason end) as first_action_reason,
        max(case when action_rank = 2 then action_code end) as second_action_code,
        max(case when action_rank = 3 then action_code end) as third_action_code
    from {{ ref('next_best_action') }}
    group by customer_id
{%- endmacro %}

{#- The newest answer by quarter. -#}
{% macro customer_satisfaction() -%}
    select
        customer_id,
        max_by(average_satisfaction_score, as_of_date) as average_satisfaction_score,
        max_by(quadrant_code, as_of_date) as quadrant_code
    from {{ ref('satisfaction_loyalty') }}
    group by customer_id
{%- endmacro %}

{#- Who a customer is, and what stands against any action. Expects the CTEs as_of and audience. -#}
{% macro customer_profiles() -%}
    select
        as_of.as_of_date,
        customer.*,
        contact.email_hash,
        contact.phone_hash,
        audience.action_block_code
    from {{ ref('dim_customer') }} as customer
    cross join as_of
    inner join audience on customer.customer_key = audience.customer_key
    left join ({{ surviving_contacts() }}) as contact
        on customer.customer_id = contact.customer_id
{%- endmacro %}

{#- Days since anything new was known; the first version holds since ever, and is no news. -#}
{% macro fresh_days(bought, met, care) -%}
    {{ days_between(
        'greatest(' ~ bought ~ '.last_purchase_date, ' ~ met ~ '.last_contact_date, '
        ~ care ~ '.last_case_date, profile.acquisition_date, case when profile.valid_from_date > '
        ~ first_valid_date() ~ ' then profile.valid_from_date end)',
        'profile.as_of_date'
    ) }}
{%- endmacro %}
