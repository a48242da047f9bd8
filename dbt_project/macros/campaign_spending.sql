{#- What campaigns cost by calendar month, by what the money is spent on. -#}
{% macro campaign_spending() -%}
    select
        {{ month_start('spending.business_date') }} as month_start_date
        {%- for spend_code in ['acquisition', 'retention', 'other'] %},
        sum(
            case
                when campaign.spend_code = '{{ spend_code }}' then spending.campaign_day_cost_amount
                else 0
            end
        ) as {{ spend_code }}_cost_amount
        {%- endfor %}
    from {{ ref('fct_campaign_cost') }} as spending
    inner join {{ ref('dim_campaign') }} as campaign
        on spending.campaign_key = campaign.campaign_key
    group by 1
{%- endmacro %}

{#- 0 in a month without such a campaign; NULL where no campaign tells its cost. -#}
{% macro known_spending(column) -%}
    case when (select count(*) from spent as any_spent) > 0 then coalesce(spent.{{ column }}, 0) end
{%- endmacro %}
