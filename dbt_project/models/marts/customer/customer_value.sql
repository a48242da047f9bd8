{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months() }}"
) }}

-- Grain: one row per identified customer and end of a calendar month, as in customer_month. Amounts
-- and counts are of the twelve months that end there: additive over customers, not over months.
with

{{ touched_months() }}

year_measure as (

    {{ year_measures() }}

),

cycle as (

    {{ year_cycles() }}

),

measured as (

    select
        year_measure.*,
        cycle.cycle_days as own_cycle_days,
        year_measure.margin_amount
        - coalesce(year_measure.service_cost_amount, 0)
        - coalesce(year_measure.overdue_cost_amount, 0) as contribution_amount

    from year_measure
    left join cycle
        on
            year_measure.customer_id = cycle.customer_id
            and year_measure.month_start_date = cycle.month_start_date

    where {{ is_read_for_touched('year_measure.month_start_date') }}

),

scored as (

    {{ scored_customers() }}

),

tier as (

    {{ followed_tiers() }}

),

tiered as (

    select scored.*, tier.value_tier_code, tier.previous_tier_code, tier.was_key_customer

    from scored
    inner join tier
        on scored.customer_id = tier.customer_id and scored.month_start_date = tier.month_start_date

),

final as (

    select
        month_end_date,
        customer_key,
        customer_id,
        least(12, {{ months_between_starts('first_month_start_date', 'month_start_date') }} + 1)
            as known_month_count,
        {{ money('net_amount') }} as net_amount,
        {{ quantity('unit_count') }} as unit_count,
        cast(transaction_count as bigint) as transaction_count,
        cast(purchase_day_count as bigint) as purchase_day_count,
        last_purchase_date,
        {{ money('margin_amount') }} as margin_amount,
        {{ money('service_cost_amount') }} as service_cost_amount,
        {{ money('overdue_cost_amount') }} as overdue_cost_amount,
        {{ money('contribution_amount') }} as contribution_amount,
        open_amount,
        overdue_amount,
        overdue_rate,
        cycle_days,
        own_cycle_days is null as is_cycle_inferred,
        value_basis_code,
        amount_rank_rate,
        unit_rank_rate,
        payment_rank_rate,
        cycle_rank_rate,
        value_index,
        scored_tier_code,
        value_tier_code,
        previous_tier_code,
        was_key_customer
        and (
            coalesce(recency_days > lost_cycle_multiple * cycle_days, false)
            or transaction_count = 0
        ) as is_lost_key,
        purchase_day_count >= 2 as is_repeat_customer,
        tenure_month < 12 as is_new_customer,
        {{ ratio('net_amount - prior_net_amount', 'prior_net_amount') }} as net_growth_rate,
        {{ ratio('transaction_count - prior_transaction_count', 'prior_transaction_count') }}
            as order_growth_rate

    from tiered

)

select * from final
order by month_end_date
