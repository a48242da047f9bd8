{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_pairs() }}"
) }}

-- Grain: one row per fiscal quarter and quarter it is held against (the one before, or that of last
-- year), both with all their receipts: net sales as customers x trips a customer x units a trip x
-- net a unit, and what each did to the difference. Effects of a row add up to its net change;
-- nothing is additive over quarters.
with

pair as (

    {{ pairs_to_build() }}

),

customer_quarter as (

    {{ customer_quarters() }}

),

quarter_total as (

    select
        fiscal_quarter_start_date,
        {{ count_where('customer_id is not null and transaction_count > 0') }} as customer_count,
        sum(case when customer_id is not null then transaction_count else 0 end)
            as transaction_count,
        sum(case when customer_id is not null then unit_count else 0 end) as unit_count,
        sum(case when customer_id is not null then net_amount else 0 end) as net_amount,
        sum(case when customer_id is null then net_amount else 0 end) as unidentified_amount

    from customer_quarter

    group by fiscal_quarter_start_date

),

compared as (

    -- The logarithmic mean shares a product of factors out without a rest, in whatever order.
    select
        pair.*,
        this_quarter.customer_count,
        this_quarter.transaction_count,
        this_quarter.unit_count,
        this_quarter.net_amount,
        this_quarter.unidentified_amount - base.unidentified_amount as unidentified_change,
        base.customer_count as base_customer_count,
        base.transaction_count as base_transaction_count,
        base.unit_count as base_unit_count,
        base.net_amount as base_net_amount,
        case
            when least(
                this_quarter.customer_count, base.customer_count,
                this_quarter.unit_count, base.unit_count,
                this_quarter.net_amount, base.net_amount
            ) <= 0 then null
            when this_quarter.net_amount = base.net_amount
                then cast(base.net_amount as double)
            else
                cast(this_quarter.net_amount - base.net_amount as double)
                / ln({{ ratio('this_quarter.net_amount', 'base.net_amount') }})
        end as mean_net_amount

    from pair
    inner join quarter_total as this_quarter
        on pair.fiscal_quarter_start_date = this_quarter.fiscal_quarter_start_date
    inner join quarter_total as base
        on pair.base_quarter_start_date = base.fiscal_quarter_start_date

),

shared as (

    select
        compared.*,
        {{ factor_effect('customer_count') }} as customer_effect,
        {{ factor_effect('transaction_count', 'customer_count') }} as trip_effect,
        {{ factor_effect('unit_count', 'transaction_count') }} as unit_effect

    from compared

),

final as (

    -- What is rounded is price's, so that all effects are the difference to the cent.
    select
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        customer_count,
        base_customer_count,
        {{ ratio('transaction_count', 'customer_count') }} as trips_per_customer,
        {{ ratio('base_transaction_count', 'base_customer_count') }} as base_trips_per_customer,
        {{ ratio('unit_count', 'transaction_count') }} as units_per_trip,
        {{ ratio('base_unit_count', 'base_transaction_count') }} as base_units_per_trip,
        {{ ratio('net_amount', 'unit_count') }} as net_per_unit,
        {{ ratio('base_net_amount', 'base_unit_count') }} as base_net_per_unit,
        {{ money('net_amount') }} as net_amount,
        {{ money('base_net_amount') }} as base_net_amount,
        customer_effect as customer_effect_amount,
        trip_effect as trip_effect_amount,
        unit_effect as unit_effect_amount,
        {{ money('net_amount - base_net_amount - customer_effect - trip_effect - unit_effect') }}
            as price_effect_amount,
        {{ money('unidentified_change') }} as unidentified_change_amount,
        {{ money('net_amount - base_net_amount + unidentified_change') }} as net_change_amount

    from shared

)

select * from final
