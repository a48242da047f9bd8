-- Grain: one row per span of dates in which one rate of capital holds, by day: that of all legal
-- entities, or where each has its own, the dearest. The first that is known holds for all time
-- before it.
with

capital_rate as (

    select
        extract_date,
        'all' as entity_name,
        cast(
            cast(
                coalesce(
                    max(case when legal_entity = '*' then annual_capital_factor end),
                    max(annual_capital_factor)
                ) as double
            ) / 365
            as decimal(13, 12)
        ) as daily_capital_factor

    from {{ ref('stg_finance__cost_of_capital') }}

    group by extract_date

),

dated as (

    {{ dated_versions('capital_rate', ['entity_name'], 'extract_date', ['daily_capital_factor']) }}

)

select daily_capital_factor, valid_from_date, valid_to_date from dated
