{#-
    Who may be offered something, and why others may not; a file of its own, since two marts ask.
-#}

{#- One in twenty is left alone, always the same ones, so that what actions bring can be seen. -#}
{% macro is_held_out(customer_id) -%}
    {{ hash_to_integer("concat('held out ', " ~ customer_id ~ ")") }} % 20 = 0
{%- endmacro %}

{#- What customers were worth at the last end of a month. -#}
{% macro last_month_values() -%}
    select customer_value.*
    from {{ ref('customer_value') }} as customer_value
    inner join (
        select max(month_end_date) as month_end_date from {{ ref('customer_value') }}
    ) as last_month
        on customer_value.month_end_date = last_month.month_end_date
{%- endmacro %}

{#-
    Each customer with the first reason against any action, and the channel to take: of those on which
    marketing is allowed today, the one that costs least. Expects the CTE as_of.
-#}
{% macro action_audience() -%}
    select
        customer.customer_key,
        customer.customer_id,
        customer.household_id,
        case
            when customer.customer_id in ({{ profiling_objector() }}) then 'objects to profiling'
            when {{ is_held_out('customer.customer_id') }} then 'held out'
            when leave.contact_channel is null then 'no consent'
            when complaint.customer_id is not null then 'open complaint'
            when contacted.customer_id is not null then 'contact cap'
        end as action_block_code,
        leave.contact_channel
    from {{ ref('dim_customer') }} as customer
    left join (
        select
            customer_id,
            min_by(
                consent_channel,
                case consent_channel
                    when 'email' then 1
                    when 'app' then 2
                    when 'sms' then 3
                    when 'phone' then 4
                    else 5
                end
            ) as contact_channel
        from {{ ref('dim_consent') }}
        where is_current and is_granted and consent_purpose = 'marketing'
        group by customer_id
    ) as leave
        on customer.customer_id = leave.customer_id
    left join (
        select distinct customer_id
        from {{ ref('fct_service_case') }}
        where is_case_open and case_type_code = 'complaint'
    ) as complaint
        on customer.customer_id = complaint.customer_id
    left join (
        select response.customer_id
        from {{ ref('fct_campaign_response') }} as response
        inner join as_of
            on response.sent_date > {{ add_days('as_of.as_of_date', -(var('contact_cap_days'))) }}
        group by response.customer_id
        having count(*) >= {{ var('contact_cap_count') }}
    ) as contacted
        on customer.customer_id = contacted.customer_id
    where customer.is_current and customer.customer_key > 0
{%- endmacro %}
