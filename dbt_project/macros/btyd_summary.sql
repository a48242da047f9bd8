{#- Days on which an identified customer who does not object to profiling has a receipt. -#}
{% macro customer_days() -%}
    select
        customer_id,
        business_date,
        day_channel as channel,
        net_amount,
        margin_amount,
        is_purchase_day as is_occasion
    from {{ ref('fct_customer_day') }}
    where
        customer_key > 0
        and customer_id not in ({{ profiling_objector() }})
        and {{ is_counted_again() }}
{%- endmacro %}

{#- What was known of a customer at the beginning of the holdout; NULL where that was nothing. -#}
{% macro past(expression) -%}
    case when summed.past_occasion_date is not null then {{ expression }} end
{%- endmacro %}

{#-
    Customers with a day that a beginning of the holdout, or of what is told before it, passed since the
    mart was made: it lay on the other side then. Expects the CTE as_of.
-#}
{% macro passed_customers() -%}
    select passed_day.customer_id
    from {{ ref('fct_customer_day') }} as passed_day
    inner join (
        {%- for told_date in ['holdout_date', 'prior_date', 'past_year_date'] %}
        select
            least(now_date.{{ told_date }}, then_date.{{ told_date }}) as after_date,
            greatest(now_date.{{ told_date }}, then_date.{{ told_date }}) as to_date
        from as_of as now_date
        cross join ({{ as_of_dates(this, 'as_of_date') }}) as then_date
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as span
        on passed_day.business_date > span.after_date and passed_day.business_date <= span.to_date
{%- endmacro %}

{#- The last date, and those from which on and up to which days tell of the past. -#}
{% macro as_of_dates(relation, date_column) -%}
    select
        max({{ date_column }}) as as_of_date,
        {{ add_days('max(' ~ date_column ~ ')', -var('holdout_days')) }} as holdout_date,
        {{ add_days('max(' ~ date_column ~ ')', -2 * var('holdout_days')) }} as prior_date,
        {{ add_days('max(' ~ date_column ~ ')', -var('holdout_days') - 365) }} as past_year_date
    from {{ relation }}
{%- endmacro %}

{#- Standing rows, as of today. -#}
{% macro standing_summaries() -%}
    {%- if is_incremental() %}

    union all

    select
        as_of.as_of_date,
        customer.customer_key,
        standing.customer_id,
        standing.segment_code,
        standing.first_occasion_date,
        standing.last_occasion_date,
        standing.frequency_count,
        standing.recency_days,
        {{ days_between('standing.first_occasion_date', 'as_of.as_of_date') }} as age_days,
        standing.mean_net_amount,
        standing.margin_occasion_count,
        standing.mean_margin_amount,
        as_of.holdout_date,
        standing.past_frequency_count,
        standing.past_recency_days,
        case
            when standing.past_frequency_count is not null
                then {{ days_between('standing.first_occasion_date', 'as_of.holdout_date') }}
        end as past_age_days,
        standing.past_year_occasion_count,
        standing.past_year_net_amount,
        standing.prior_occasion_count,
        standing.holdout_occasion_count
    from standing
    cross join as_of
    left join {{ ref('dim_customer') }} as customer
        on standing.customer_id = customer.customer_id and customer.is_current
    {%- endif -%}
{%- endmacro %}
