{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('from_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('from_date', reach=promo_reach()) }}"
) }}

-- Grain: one row per promotion, item, store and first day of an offer that has ended and lasted no
-- longer than promo_max_days. Not additive over promotions: an item in two at once counts in both.
with

offer as (

    {{ ended_offers() }}

),

offer_week as (

    {{ offer_weeks('offer') }}

),

disturbed_week as (

    {{ disturbed_weeks('offer_week') }}

),

trading_day as (

    {{ trading_day_counts() }}

),

sold as (

    {{ sold_in_offer_weeks('offer') }}

),

observed as (

    -- Inner joins: no week is known before the first day of the store, or after the last one.
    select
        offer_week.offer_number,
        offer_week.week_number,
        last_day.day_number - first_day.day_number_before as trading_day_count,
        coalesce(sold.unit_count, 0) as unit_count,
        coalesce(sold.net_amount, 0) as net_amount,
        sold.margin_amount,
        coalesce(sold.discount_amount, 0) as discount_amount,
        sold.costed_unit_count

    from offer_week
    inner join trading_day as first_day
        on
            offer_week.store_id = first_day.store_id
            and offer_week.from_date = first_day.date_day
    inner join trading_day as last_day
        on
            offer_week.store_id = last_day.store_id
            and offer_week.to_date = last_day.date_day
    left join disturbed_week
        on
            offer_week.offer_number = disturbed_week.offer_number
            and offer_week.week_number = disturbed_week.week_number
    left join sold
        on
            offer_week.offer_number = sold.offer_number
            and offer_week.week_number = sold.week_number

    where
        last_day.day_number > first_day.day_number_before
        and disturbed_week.offer_number is null

),

baseline as (

    {{ offer_baselines('observed') }}

),

judged as (

    {{ judged_offers('offer', 'observed', 'baseline') }}

),

final as (

    select
        promotion_id,
        product_id,
        store_id,
        from_date,
        to_date,
        {{ quantity('unit_count') }} as unit_count,
        {{ money('net_amount') }} as net_amount,
        {{ money('margin_amount') }} as margin_amount,
        {{ money('discount_amount') }} as discount_amount,
        cast(baseline_week_count as bigint) as baseline_week_count,
        {{ rounded_quantity('baseline_units') }} as baseline_quantity,
        {{ rounded_quantity('unit_count - baseline_units') }} as lift_quantity,
        {{ ratio('unit_count', 'baseline_units') }} - 1 as lift_rate,
        {{ rounded_quantity('pull_forward_units') }} as pull_forward_quantity,
        {{ rounded_money('incremental_margin') }} as incremental_margin_amount,
        {{ ratio('incremental_margin', 'discount_amount') }} as margin_return_rate,
        {{ ratio('incremental_margin - pull_forward_units * margin_per_unit', 'discount_amount') }}
            as margin_return_after_rate,
        missing_reason

    from judged

)

select * from final
