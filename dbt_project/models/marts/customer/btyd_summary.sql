{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='all_rows',
    on_schema_change='fail'
) }}

-- Grain: one row per identified customer who ever had a day with positive net sales, as of the last
-- date of the data. Such a day is an occasion; what was taken back on other days counts into the
-- means. Means are not additive. Columns named past_ tell what was known at the beginning of the
-- holdout, and are NULL for customers who came first in it.
with

as_of as (

    {{ as_of_dates(ref('fct_customer_day'), 'business_date') }}

),

{{ standing_customers(touched=passed_customers()) }}

customer_day as (

    {{ customer_days() }}

),

first_occasion as (

    select
        customer_id,
        min(business_date) as first_occasion_date

    from customer_day
    where is_occasion
    group by customer_id

),

dated_day as (

    select
        customer_day.*,
        first_occasion.first_occasion_date,
        as_of.as_of_date,
        as_of.holdout_date,
        customer_day.business_date > first_occasion.first_occasion_date as is_later,
        customer_day.business_date <= as_of.holdout_date as is_past,
        customer_day.business_date > as_of.prior_date as is_recent,
        customer_day.business_date > as_of.past_year_date as is_within_year

    from customer_day
    inner join first_occasion on customer_day.customer_id = first_occasion.customer_id
    cross join as_of

),

summed as (

    select
        customer_id,
        as_of_date,
        holdout_date,
        first_occasion_date,
        min(case when business_date = first_occasion_date then channel end) as channel,
        max(case when is_occasion then business_date end) as last_occasion_date,
        {{ count_where('is_occasion and is_later') }} as frequency_count,
        sum(case when is_later then net_amount end) as later_net_amount,
        sum(case when is_later then margin_amount end) as later_margin_amount,
        {{ count_where('is_occasion and is_later and margin_amount is not null') }}
            as margin_occasion_count,
        max(case when is_occasion and is_past then business_date end) as past_occasion_date,
        {{ count_where('is_occasion and is_later and is_past') }} as past_frequency_count,
        {{ count_where('is_occasion and is_past and is_within_year') }} as past_year_count,
        sum(case when is_past and is_within_year then net_amount else 0 end) as past_year_amount,
        {{ count_where('is_occasion and is_past and is_recent') }} as prior_occasion_count,
        {{ count_where('is_occasion and not is_past') }} as holdout_occasion_count

    from dated_day
    group by customer_id, as_of_date, holdout_date, first_occasion_date

),

final as (

    select
        summed.as_of_date,
        customer.customer_key,
        summed.customer_id,
        coalesce(summed.channel, 'unknown') as segment_code,
        summed.first_occasion_date,
        summed.last_occasion_date,
        summed.frequency_count,
        {{ days_between('summed.first_occasion_date', 'summed.last_occasion_date') }}
            as recency_days,
        {{ days_between('summed.first_occasion_date', 'summed.as_of_date') }} as age_days,
        {{ rounded_money(ratio('summed.later_net_amount', 'summed.frequency_count')) }}
            as mean_net_amount,
        summed.margin_occasion_count,
        {{ rounded_money(ratio('summed.later_margin_amount', 'summed.margin_occasion_count')) }}
            as mean_margin_amount,
        summed.holdout_date,
        {{ past('summed.past_frequency_count') }} as past_frequency_count,
        {{ days_between('summed.first_occasion_date', 'summed.past_occasion_date') }}
            as past_recency_days,
        {{ past(days_between('summed.first_occasion_date', 'summed.holdout_date')) }}
            as past_age_days,
        {{ past('summed.past_year_count') }} as past_year_occasion_count,
        {{ past(money('summed.past_year_amount')) }} as past_year_net_amount,
        {{ past('summed.prior_occasion_count') }} as prior_occasion_count,
        summed.holdout_occasion_count

    from summed
    left join {{ ref('dim_customer') }} as customer
        on summed.customer_id = customer.customer_id and customer.is_current
    {{- standing_summaries() }}

)

select * from final
