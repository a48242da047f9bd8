-- Grain: one row per customer and rank of what to do next, as of the last date of the data. Who
-- does not allow marketing, objects to profiling, has an open complaint, was written to often enough
-- or is held out has no row; no life event is read. Ranks and rates are not additive.
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

    select customer_value.*
    from {{ ref('customer_value') }} as customer_value
    inner join (
        select max(month_end_date) as month_end_date from {{ ref('customer_value') }}
    ) as last_month
        on customer_value.month_end_date = last_month.month_end_date

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

    {{ complaint_candidates() }}

    union all

    {{ payment_candidates() }}

    union all

    {{ win_back_candidates() }}

    union all

    {{ warranty_candidates() }}

    union all

    {{ service_candidates() }}

    union all

    {{ replenish_candidates() }}

    union all

    {{ cross_sell_candidates() }}

),

response as (

    {{ action_responses() }}

),

cost as (

    select
        activity_name,
        {{ ratio('sum(service_cost_amount)', 'sum(activity_count)') }} as activity_cost

    from {{ ref('fct_service_cost') }}

    where service_cost_amount is not null

    group by activity_name

),

expected as (

    -- One more answer than came, of as many more as it takes by the base rate: few tell little.
    select
        candidate.*,
        kind.action_number,
        kind.action_name,
        coalesce(rfm.segment_code, 'none') as segment_code,
        coalesce(response.treated_count, 0) as treated_count,
        coalesce(response.response_count, 0) as response_count,
        (coalesce(response.response_count, 0) + 1)
        / (coalesce(response.treated_count, 0) + 1 / kind.base_response_rate) as response_rate,
        coalesce(cost.activity_cost, 0) as activity_cost

    from candidate
    inner join {{ ref('next_action') }} as kind on candidate.action_code = kind.action_code
    left join {{ ref('rfm') }} as rfm on candidate.customer_id = rfm.customer_id
    left join response
        on
            candidate.action_code = response.action_code
            and coalesce(rfm.segment_code, 'none') = response.segment_code
    left join cost on kind.activity_name = cost.activity_name

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
