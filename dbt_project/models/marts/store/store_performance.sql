{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_periods() }}",
    post_hook={'sql': "{{ keep_store_period_inputs() }}", 'transaction': false}
) }}

-- Grain: one row per store, period grain (day, fiscal week, fiscal period) and period.
-- Never add rows of different grains. Averages, rates, growth and ranks are not additive. Made of
-- sums by store-day: what is dear to sum, lines and stock, is summed where it changes.
with

reporting_period as (

    {{ periods_to_build() }}

),

period_sales as (

    {{ store_period_sales() }}

),

period_compared as (

    {{ store_period_compared() }}

),

period_missing as (

    {{ store_period_missing() }}

),

store_day as (

    {{ store_day_measured() }}

),

period_measured as (

    {{ store_period_measured() }}

),

period_area as (

    {{ store_period_area() }}

),

final as (

    -- Left join: a store that only sold last year has a row, and its loss is in the chain's total.
    select
        period_compared.period_grain,
        period_compared.period_start_date,
        period_compared.period_end_date,
        period_compared.store_key,
        period_compared.store_id,
        {{ money('period_compared.net_amount') }} as net_amount,
        {{ money('coalesce(sales.gross_amount, 0)') }} as gross_amount,
        {{ money('coalesce(sales.discount_amount, 0)') }} as discount_amount,
        {{ money('coalesce(sales.returns_amount, 0)') }} as returns_amount,
        cast(coalesce(sales.transaction_count, 0) as bigint) as transaction_count,
        cast(coalesce(sales.line_count, 0) as bigint) as line_count,
        {{ quantity('coalesce(sales.unit_count, 0)') }} as unit_count,
        cast(coalesce(sales.identified_count, 0) as bigint) as identified_transaction_count,
        {{ ratio('period_compared.net_amount', 'sales.transaction_count') }}
            as average_transaction_amount,
        {{ ratio('sales.unit_count', 'sales.transaction_count') }} as units_per_transaction,
        {{ ratio('period_compared.net_amount', 'sales.unit_count') }} as average_selling_price,
        {{ money('sales.margin_amount') }} as margin_amount,
        {{ ratio('sales.margin_amount', 'sales.costed_net_amount') }} as margin_rate,
        coalesce(sales.margin_status, 'no feed') as margin_status,
        period_area.day_count,
        {{ ratio('period_compared.net_amount', 'period_area.selling_area_m2') }}
            as net_per_m2_amount,
        {{ ratio(
            'period_compared.net_amount * 365', 'period_area.selling_area_m2 * period_area.day_count'
        ) }} as annual_net_per_m2_amount,
        {{ store_compared_columns() }},
        cast(rank() over (
            partition by period_compared.period_grain, period_compared.period_start_date
            order by period_compared.net_amount desc nulls last
        ) as bigint) as net_rank,
        {{ store_peer_columns() }},
        {{ store_visit_columns() }},
        {{ store_till_columns() }},
        {{ store_stock_columns() }},
        period_missing.store_id is not null as is_partial

    from period_compared
    inner join {{ ref('dim_store') }} as dim_store
        on period_compared.store_key = dim_store.store_key
    left join {{ ref('store_cluster') }} as store_cluster
        on dim_store.store_id = store_cluster.store_id
    left join period_sales as sales
        on {{ same_store_period('sales') }}
    inner join period_area
        on {{ same_store_period('period_area') }}
    left join period_measured as measured
        on {{ same_store_period('measured') }}
    {{ store_stock_joins() }}
    left join period_missing
        on {{ same_store_period('period_missing') }}

)

select * from final
