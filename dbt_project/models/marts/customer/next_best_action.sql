-- Grain: one row per customer and rank of what to do next, as of the last date of the data. Who
-- does not allow marketing, objects to profiling, has an open complaint, was written to enough or
-- is held out has no row; no life event is read. Ranks and rates are not additive.
with

as_of as (

    select max(business_date) as as_of_date from {{ ref('fct_basket') }}

),

audience as (

    select *
    from ({{ action_audience() }}) as customer
    where action_block_code is null

),

month_value as (

    {{ last_month_values() }}

),

worth as (

    {{ action_worth() }}

),

category as (

    {{ habit_categories() }}

),

data_span as (

    select as_of_date as last_date from as_of

),

rule as (

    select * from {{ ref('dim_service_rule') }}
    where is_current and event_kind_code <> 'life event'

),

category_day as (

    {{ served_category_days(days=14) }}

),

occurrence as (

    {{ service_occurrences() }}

),

candidate as (

    {{ action_candidates() }}

),

response as (

    {{ action_responses() }}

),

expected as (

    {{ expected_actions() }}

),

final as (

    select
        as_of.as_of_date,
        audience.customer_key,
        expected.customer_id,
        cast(row_number() over (
            partition by expected.customer_id
            order by
                {{ rounded_money('response_rate * action_margin - activity_cost') }}
                desc nulls last,
                expected.action_number asc nulls last
        ) as bigint) as action_rank,
        expected.action_code,
        expected.action_name,
        expected.category_name,
        audience.contact_channel,
        expected.action_reason,
        expected.segment_code,
        expected.treated_count,
        expected.response_count,
        expected.response_rate,
        {{ rounded_money('expected.action_margin') }} as action_margin_amount,
        {{ rounded_money('expected.activity_cost') }} as action_cost_amount,
        {{ rounded_money('response_rate * action_margin - activity_cost') }} as action_value_amount

    from expected
    cross join as_of
    inner join audience on expected.customer_id = audience.customer_id

    -- What costs more than it brings is not worth doing; what nobody can price still may be.
    where coalesce(expected.response_rate * expected.action_margin > expected.activity_cost, true)

)

select * from final
