{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='all_rows',
    on_schema_change='fail'
) }}

-- Grain: one row per calendar month that has ended within the data. What keeping customers brings
-- and costs beside winning them (M37, M49). Customers and rates are not additive over months.
-- What is named year_ is of the twelve months that end there. Who objects to profiling is not here.
with

month_total as (

    {{ month_totals() }}

),

won as (

    -- Since when a customer is known is renewed where months stand, and a month in which nobody was
    -- left may come to be one of a gap.
    select
        month_start_date,
        month_end_date,
        {{ count_where('tenure_month = 0') }} as new_customer_count

    from {{ ref('customer_month') }}

    group by month_start_date, month_end_date

),

spent as (

    {{ campaign_spending() }}

),

satisfied as (

    {{ satisfaction_links() }}

),

priced as (

    select
        won.*,
        {%- for name in followed_counts() %}
        coalesce(month_total.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        month_total.purchase_days_per_year,
        month_total.net_growth_rate,
        month_total.order_growth_rate,
        {%- for spend_code in ['acquisition', 'retention', 'other'] %}
        {{ known_spending(spend_code ~ '_cost_amount') }} as {{ spend_code }}_cost_amount,
        {%- endfor %}
        satisfied.answered_count,
        satisfied.correlation,
        -- Fisher: the transform of a correlation is nearly normal.
        case
            when abs(satisfied.correlation) < 1
                then 0.5 * ln((1 + satisfied.correlation) / (1 - satisfied.correlation))
        end as transformed,
        -- Three answers and fewer have no interval.
        case
            when satisfied.answered_count > 3
                then 1.96 / sqrt(cast(satisfied.answered_count - 3 as double))
        end as transformed_error

    from won
    left join month_total on won.month_start_date = month_total.month_start_date
    left join spent on won.month_start_date = spent.month_start_date
    left join satisfied on won.month_start_date = satisfied.month_start_date

),

final as (

    select
        month_start_date,
        month_end_date,
        customer_count,
        new_customer_count,
        base_customer_count,
        kept_customer_count,
        {{ ratio('kept_customer_count', 'base_customer_count') }} as kept_customer_rate,
        year_customer_count,
        year_repeat_customer_count,
        {{ ratio('year_repeat_customer_count', 'year_customer_count') }}
            as year_repeat_customer_rate,
        purchase_days_per_year,
        compared_customer_count,
        net_growth_rate,
        order_growth_rate,
        {{ money('acquisition_cost_amount') }} as acquisition_cost_amount,
        {{ money('retention_cost_amount') }} as retention_cost_amount,
        {{ money('other_cost_amount') }} as other_campaign_cost_amount,
        {{ ratio('acquisition_cost_amount', 'new_customer_count') }}
            as acquisition_cost_per_new_customer,
        {{ ratio('retention_cost_amount', 'kept_customer_count') }}
            as retention_cost_per_kept_customer,
        {{ ratio('acquisition_cost_amount', 'new_customer_count') }}
        / nullif({{ ratio('retention_cost_amount', 'kept_customer_count') }}, 0)
            as acquisition_cost_per_retention_cost,
        coalesce(answered_count, 0) as answered_count,
        round(correlation, 4) as satisfaction_net_correlation,
        {{ untransformed('transformed - transformed_error') }}
            as lower_satisfaction_net_correlation,
        {{ untransformed('transformed + transformed_error') }}
            as upper_satisfaction_net_correlation

    from priced

)

select * from final
