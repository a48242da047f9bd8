{#-
    What served a known customer, one row each time, with the channel that tells its cost or a cost of
    its own. A campaign is shared evenly by all to whom it was sent, on the day it was sent; what is
    spent to win customers served nobody.
-#}
{% macro service_activities() -%}
    {%- set columns = 'customer_key, customer_id, ' -%}
    {%- set no_cost = 'cast(null as decimal(18, 4)) as own_cost_amount' -%}
    {%- set no_channel = 'cast(null as ' ~ dbt.type_string() ~ ') as cost_channel' -%}

    {#- What the machine settled cost no more than the machine. -#}
    select
        {{ columns }} contact_date as activity_date,
        'contact' as activity_name,
        case when is_ivr_resolved then 'ivr' else contact_channel end as cost_channel,
        {{ no_cost }}
    from {{ ref('fct_contact') }}
    where customer_key > 0

    union all

    select
        {{ columns }} case_opened_date as activity_date,
        'case' as activity_name,
        {{ no_channel }},
        case_cost_amount as own_cost_amount
    from {{ ref('fct_service_case') }}
    where customer_key > 0

    union all

    select
        {{ columns }} business_date as activity_date,
        'return' as activity_name,
        channel as cost_channel,
        {{ no_cost }}
    from {{ ref('fct_basket') }}
    where customer_key > 0 and returns_amount > 0

    union all

    select
        {{ columns }} business_date as activity_date,
        'delivery' as activity_name,
        channel as cost_channel,
        {{ no_cost }}
    from {{ ref('fct_basket') }}
    where
        customer_key > 0
        and is_transaction
        and channel in (
            select cost_channel from {{ ref('int_channel_cost__dated') }}
            where activity_name = 'delivery'
        )

    union all

    select
        {{ columns }} sent_date as activity_date,
        'campaign' as activity_name,
        {{ no_channel }},
        {{ rounded_money(ratio('cost_amount', 'recipient_count')) }} as own_cost_amount
    from (
        select
            recipient.customer_key,
            recipient.customer_id,
            recipient.sent_date,
            campaign.cost_amount,
            count(*) over (partition by recipient.campaign_id) as recipient_count
        from (
            select
                campaign_id,
                customer_id,
                max(customer_key) as customer_key,
                min(sent_date) as sent_date
            from {{ ref('fct_campaign_response') }}
            where sent_date is not null and customer_key > 0
            group by campaign_id, customer_id
        ) as recipient
        inner join {{ ref('dim_campaign') }} as campaign
            on
                recipient.campaign_id = campaign.campaign_id
                and campaign.spend_code <> 'acquisition'
    ) as shared
{%- endmacro %}
