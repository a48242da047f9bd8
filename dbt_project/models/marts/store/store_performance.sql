-- Grain: one row per store, period grain (day, fiscal week, fiscal period) and period.
-- Never add rows of different grains. Averages, rates, growth and rank are not additive.
with

reporting_period as (

    {{ reporting_periods() }}

),

period_sales as (

    {{ store_period_sales() }}

),

period_compared as (

    select
        reporting_period.period_grain,
        reporting_period.period_start_date,
        reporting_period.period_end_date,
        compared.store_key,
        compared.store_id,
        sum(compared.net_amount) as net_amount,
        sum(compared.net_amount_ly_aligned) as net_amount_ly_aligned,
        sum(case when compared.is_comparable then 1 else 0 end) as comparable_day_count,
        sum(case when compared.is_comparable then compared.net_amount end)
            as comparable_net_amount,
        sum(case when compared.is_comparable then compared.net_amount_ly_aligned end)
            as comparable_net_amount_ly,
        -- The reason of the last date: a text of date and reason sorts by date.
        max({{ dated_text('compared.business_date', 'compared.exclusion_reason') }})
            as last_dated_reason

    from {{ ref('comparable_store_day') }} as compared
    inner join reporting_period on compared.business_date = reporting_period.date_day

    group by 1, 2, 3, 4, 5

),

period_missing as (

    {{ store_period_missing() }}

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
        {{ ratio('period_compared.net_amount', 'dim_store.selling_area_m2') }} as net_per_m2_amount,
        {{ money('period_compared.net_amount_ly_aligned') }} as net_amount_ly_aligned,
        period_compared.comparable_day_count > 0 as is_comparable,
        case
            when period_compared.comparable_day_count = 0
                then {{ text_of_dated('period_compared.last_dated_reason') }}
        end as comparable_exclusion_reason,
        {{ money('period_compared.comparable_net_amount') }} as comparable_net_amount,
        {{ money('period_compared.comparable_net_amount_ly') }} as comparable_net_amount_ly,
        {{ ratio('comparable_net_amount', 'comparable_net_amount_ly') }} - 1
            as comparable_growth_rate,
        cast(rank() over (
            partition by period_compared.period_grain, period_compared.period_start_date
            order by period_compared.net_amount desc nulls last
        ) as bigint) as net_rank,
        {{ ratio('sales.returns_amount', 'sales.gross_amount - sales.discount_amount') }}
            as returns_rate,
        period_missing.store_id is not null as is_partial

    from period_compared
    inner join {{ ref('dim_store') }} as dim_store
        on period_compared.store_key = dim_store.store_key
    left join period_sales as sales
        on
            period_compared.period_grain = sales.period_grain
            and period_compared.period_start_date = sales.period_start_date
            and period_compared.store_id = sales.store_id
    left join period_missing
        on
            period_compared.period_grain = period_missing.period_grain
            and period_compared.period_start_date = period_missing.period_start_date
            and period_compared.store_id = period_missing.store_id

)

select * from final
