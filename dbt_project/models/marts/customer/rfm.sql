-- Grain: one row per identified customer who ever had a day with positive net sales, as of the last
-- date of the data. Customers who never bought, the anonymous and who objects are not here.
-- Scores and segments are not additive; neither is frequency_days over customers of a household.
with

as_of as (

    -- The year of frequency and money is 365 days, the as-of date included.
    select
        max(business_date) as as_of_date,
        {{ add_days('max(business_date)', -364) }} as year_start_date,
        sum(costed_receipt_count) as costed_receipt_count

    from {{ ref('fct_customer_day') }}

),

year_total as (

    select
        customer_day.customer_id,
        {{ count_where('customer_day.is_purchase_day') }} as frequency_days,
        sum(customer_day.net_amount) as monetary_amount,
        sum(customer_day.margin_amount) as margin_amount

    from {{ ref('fct_customer_day') }} as customer_day
    cross join as_of

    where
        customer_day.customer_key > 0
        and customer_day.business_date >= as_of.year_start_date

    group by customer_day.customer_id

),

customer as (

    -- No receipt in the year is a margin of zero; receipts without a cost are no margin at all.
    select
        rhythm.customer_id,
        as_of.as_of_date,
        rhythm.last_purchase_date,
        {{ days_between('rhythm.last_purchase_date', 'as_of.as_of_date') }} as recency_days,
        coalesce(year_total.frequency_days, 0) as frequency_days,
        coalesce(year_total.monetary_amount, 0) as monetary_amount,
        case
            when year_total.customer_id is not null then year_total.margin_amount
            when as_of.costed_receipt_count > 0 then 0
        end as margin_amount

    from {{ ref('customer_cycle') }} as rhythm
    cross join as_of
    left join year_total on rhythm.customer_id = year_total.customer_id

),

scored as (

    select
        customer.*,
        {{ quintile_score('recency_days desc nulls last') }} as recency_score,
        {{ quintile_score('frequency_days asc nulls last') }} as frequency_score,
        {{ quintile_score('monetary_amount asc nulls last') }} as monetary_score,
        case
            when customer.margin_amount is not null
                then {{ quintile_score('margin_amount asc nulls last', 'margin_amount is null') }}
        end as margin_score

    from customer

),

final as (

    select
        scored.as_of_date,
        customer.customer_key,
        scored.customer_id,
        scored.last_purchase_date,
        scored.recency_days,
        cast(scored.frequency_days as bigint) as frequency_days,
        {{ money('scored.monetary_amount') }} as monetary_amount,
        {{ money('scored.margin_amount') }} as margin_amount,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        scored.margin_score,
        {{ rfm_code('scored') }} as rfm_code,
        rfm_segment.segment_code,
        rfm_segment.segment_name

    from scored
    left join {{ ref('dim_customer') }} as customer
        on scored.customer_id = customer.customer_id and customer.is_current
    left join {{ ref('rfm_segment') }} as rfm_segment
        on
            scored.recency_score = rfm_segment.recency_score
            and scored.frequency_score = rfm_segment.frequency_score

)

select * from final
