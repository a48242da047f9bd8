{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('from_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('from_date', reach=promo_reach()) }}"
) }}

-- Grain: one row per promotion, item, store and first day of an offer that has ended and lasted no
-- longer than promo_max_days, of whose item enough was sold before it. Not additive over
-- promotions: an item in two at once counts in both.
with

{{ promo_item_weeks() }},

offer as (

    {{ ended_offers() }}

),

sold_day as (

    {{ sold_offer_days() }}

),

baseline as (

    {{ item_baselines() }}

),

period as (

    {{ offer_periods() }}

),

traded as (

    {{ traded_spans() }}

),

sold as (

    {{ sold_in_periods() }}

),

gaining_item as (

    {{ gaining_items() }}

),

lost_category as (

    {{ lost_categories() }}

),

cannibalised as (

    {{ cannibalised_sales() }}

),

judged as (

    {{ judged_offers() }}

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
        cast(undisturbed_week_count as bigint) as baseline_week_count,
        {{ rounded_quantity('baseline_units') }} as baseline_quantity,
        -- Rounded once, so that both add up to what was sold.
        {{ quantity('unit_count - ' ~ rounded_quantity('baseline_units')) }} as lift_quantity,
        {{ ratio('unit_count', 'baseline_units') }} - 1 as lift_rate,
        {{ rounded_quantity('ahead_units') }} as pull_forward_quantity,
        {{ quantity('cannibalised_quantity') }} as cannibalised_quantity,
        {{ money('incremental_margin_amount') }} as incremental_margin_amount,
        {{ money('pull_forward_margin_amount') }} as pull_forward_margin_amount,
        {{ money('cannibalised_margin_amount') }} as cannibalised_margin_amount,
        {{ money('halo_margin_amount') }} as halo_margin_amount,
        case
            when {{ is_promo_over('to_date') }}
                then {{ ratio(
                    'incremental_margin_amount - coalesce(pull_forward_margin_amount, 0)'
                    ~ ' - coalesce(cannibalised_margin_amount, 0) + coalesce(halo_margin_amount, 0)',
                    'discount_amount'
                ) }}
        end as margin_return_rate,
        missing_reason

    from judged

)

select * from final
where {{ is_changed('from_date', reach=promo_reach()) }}
