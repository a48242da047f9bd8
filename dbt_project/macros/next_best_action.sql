{#-
    Parts of next_best_action. Each kind of candidate is a query of customer_id, action_code,
    category_name, action_margin (what comes of it where it is answered, a double) and action_reason.
    They expect the CTEs as_of, audience (customers without a reason against it) and worth.
-#}

{#- A number or a date in a text. -#}
{% macro told(expression) -%} cast({{ expression }} as {{ dbt.type_string() }}) {%- endmacro %}
{% macro told_whole(expression) -%} {{ told('cast(floor(' ~ expression ~ ' + 0.5) as bigint)') }} {%- endmacro %}

{#-
    What an occasion and a year of a customer bring: by the model, else by the customer's last twelve
    months, else as the house's customers do on average.
-#}
{% macro action_worth() -%}
    select
        worth.*,
        worth.occasion_margin * least(52, 365 / nullif(worth.cycle_days, 0)) as yearly_margin
    from (
        select
            audience.customer_id,
            rhythm.cycle_days,
            rhythm.last_purchase_date,
            month_value.overdue_cost_amount,
            coalesce(
                cast(clv.expected_margin_amount as double),
                {{ ratio('month_value.margin_amount', 'month_value.purchase_day_count') }},
                house.occasion_margin
            ) as occasion_margin,
            house.margin_rate
        from audience
        cross join (
            select
                {{ ratio('sum(case when margin_amount is not null then margin_amount end)',
                    'sum(case when margin_amount is not null then purchase_day_count end)') }}
                    as occasion_margin,
                {{ ratio('sum(case when margin_amount is not null then margin_amount end)',
                    'sum(case when margin_amount is not null then net_amount end)') }} as margin_rate
            from month_value
        ) as house
        left join month_value on audience.customer_id = month_value.customer_id
        left join {{ ref('customer_clv') }} as clv on audience.customer_id = clv.customer_id
        left join {{ ref('customer_cycle') }} as rhythm
            on audience.customer_id = rhythm.customer_id
    ) as worth
{%- endmacro %}

{#- Who stays away longer than the purchase cycle explains: a year at the old rhythm is at stake. -#}
{% macro win_back_candidates() -%}
    select
        worth.customer_id,
        'win_back' as action_code,
        cast(null as {{ dbt.type_string() }}) as category_name,
        worth.yearly_margin as action_margin,
        concat(
            replace(stage.lifecycle_stage_code, '_', ' '), ': last purchase ',
            {{ told(days_between('worth.last_purchase_date', 'as_of.as_of_date')) }},
            ' days ago, cycle ', coalesce({{ told_whole('worth.cycle_days') }}, '?'), ' days'
        ) as action_reason
    from worth
    cross join as_of
    inner join {{ ref('customer_lifecycle') }} as stage
        on
            worth.customer_id = stage.customer_id
            and stage.is_current
            and stage.lifecycle_stage_code in ('at_risk', 'lapsed')
    where worth.last_purchase_date is not null
{%- endmacro %}

{#- A complaint of the last 90 days that was not solved in full. -#}
{% macro complaint_candidates() -%}
    select
        worth.customer_id,
        'complaint_recovery' as action_code,
        cast(null as {{ dbt.type_string() }}) as category_name,
        worth.yearly_margin as action_margin,
        concat(
            'complaint of ', {{ told('complaint.case_opened_date') }},
            ', solved: ', complaint.resolution_code
        ) as action_reason
    from worth
    inner join (
        select
            made.customer_id,
            made.case_opened_date,
            made.resolution_code,
            row_number() over (
                partition by made.customer_id
                order by made.case_opened_date desc nulls last, made.case_id asc nulls last
            ) as recency_number
        from {{ ref('fct_service_case') }} as made
        inner join as_of on made.case_opened_date > {{ add_days('as_of.as_of_date', -90) }}
        where
            made.case_type_code = 'complaint'
            and not made.is_case_open
            and made.resolution_code in ('none', 'partial')
    ) as complaint
        on worth.customer_id = complaint.customer_id and complaint.recency_number = 1
{%- endmacro %}

{#- Something is overdue: what waiting for money cost in the last twelve months is at stake. -#}
{% macro payment_candidates() -%}
    select
        worth.customer_id,
        'payment_reminder' as action_code,
        cast(null as {{ dbt.type_string() }}) as category_name,
        cast(worth.overdue_cost_amount as double) as action_margin,
        concat(
            {{ told('cast(grade.overdue_amount as decimal(18, 2))') }}, ' overdue, grade ',
            grade.grade_code
        ) as action_reason
    from worth
    inner join {{ ref('credit_grade') }} as grade on worth.customer_id = grade.customer_id
    where grade.overdue_amount > 0
{%- endmacro %}

{#- A warranty that ends within 30 days. -#}
{% macro warranty_candidates() -%}
    select
        worth.customer_id,
        'warranty_ending' as action_code,
        owned.category_name,
        worth.occasion_margin as action_margin,
        concat('warranty of ', owned.product_name, ' ends on ', {{ told('owned.warranty_end_date') }})
            as action_reason
    from worth
    inner join (
        select
            asset.customer_id,
            asset.warranty_end_date,
            product.product_name,
            product.category_name,
            row_number() over (
                partition by asset.customer_id
                order by
                    asset.warranty_end_date asc nulls last,
                    asset.product_id asc nulls last,
                    asset.serial_ref asc nulls last
            ) as ending_number
        from {{ ref('fct_asset_lifecycle') }} as asset
        inner join as_of
            on
                asset.warranty_end_date >= as_of.as_of_date
                and asset.warranty_end_date <= {{ add_days('as_of.as_of_date', 30) }}
        inner join {{ ref('dim_product') }} as product on asset.product_key = product.product_key
        where asset.returned_date is null
    ) as owned
        on worth.customer_id = owned.customer_id and owned.ending_number = 1
{%- endmacro %}

{#- What a rule asks for in the week of the as-of date, or the one that follows it. No life event. -#}
{% macro service_candidates() -%}
    select
        worth.customer_id,
        'service' as action_code,
        asked.category_name,
        worth.occasion_margin as action_margin,
        concat(asked.rule_reason, ': ', asked.instruction_name) as action_reason
    from worth
    inner join (
        select
            due.*,
            row_number() over (
                partition by due.customer_id
                order by
                    due.service_due_date asc nulls last,
                    due.rule_id asc nulls last,
                    due.service_event_date asc nulls last
            ) as due_number
        from ({{ due_services() }}) as due
        inner join as_of
            on due.service_week_start_date = {{ sunday_of(add_days('as_of.as_of_date', 1)) }}
    ) as asked
        on worth.customer_id = asked.customer_id and asked.due_number = 1
{%- endmacro %}

{#-
    What a household bought of each category in the last 15 months, with the member who shall be told:
    who bought last. A household without anybody who may be told is left out.
-#}
{% macro habit_categories() -%}
    select
        member.customer_id,
        member.margin_rate,
        habit.category_name,
        sum(habit.trip_count) as trip_count,
        min(habit.first_trip_date) as first_trip_date,
        max(habit.last_trip_date) as last_trip_date,
        cast(sum(habit.net_amount) as double) as net_amount
    from {{ ref('household_habit') }} as habit
    inner join as_of
        on habit.fiscal_quarter_start_date > {{ add_days('as_of.as_of_date', -456) }}
    inner join (
        select
            audience.household_id,
            worth.customer_id,
            worth.margin_rate,
            row_number() over (
                partition by audience.household_id
                order by worth.last_purchase_date desc nulls last, worth.customer_id asc nulls last
            ) as member_number
        from audience
        inner join worth on audience.customer_id = worth.customer_id
    ) as member
        on habit.household_id = member.household_id and member.member_number = 1
    where habit.category_name <> 'Unknown' and habit.trip_count > 0
    group by member.customer_id, member.margin_rate, habit.category_name
{%- endmacro %}

{#-
    The category that is due: at least three trips, and the last one between one and two mean gaps ago.
    Of several the one that brings most.
-#}
{% macro replenish_candidates() -%}
    select
        customer_id,
        'replenish' as action_code,
        category_name,
        action_margin,
        concat(
            category_name, ' each ', {{ told_whole('cycle_days') }}, ' days, last ',
            {{ told('gap_days') }}, ' days ago'
        ) as action_reason
    from (
        select
            due.*,
            row_number() over (
                partition by due.customer_id
                order by due.action_margin desc nulls last, due.category_name asc nulls last
            ) as due_number
        from (
            select
                category.customer_id,
                category.category_name,
                category.net_amount / category.trip_count * category.margin_rate as action_margin,
                {{ ratio(days_between('category.first_trip_date', 'category.last_trip_date'),
                    'category.trip_count - 1') }} as cycle_days,
                {{ days_between('category.last_trip_date', 'as_of.as_of_date') }} as gap_days
            from category
            cross join as_of
            where category.trip_count >= 3
        ) as due
        where due.gap_days >= due.cycle_days and due.gap_days <= 2 * due.cycle_days
    ) as ranked
    where due_number = 1
{%- endmacro %}

{#-
    What goes with the category that a household spends most on, and is in none of its baskets: at a lift
    of 1.5 or more in the last year, the highest first.
-#}
{% macro cross_sell_candidates() -%}
    select
        customer_id,
        'cross_sell' as action_code,
        offered_name as category_name,
        trip_net * margin_rate as action_margin,
        concat(
            offered_name, ' is bought with ', category_name, ' ',
            {{ told('cast(cast(floor(lift * 10 + 0.5) as bigint) * 0.1 as decimal(18, 1))') }},
            ' times as often as by chance'
        ) as action_reason
    from (
        select
            top.customer_id,
            top.margin_rate,
            top.category_name,
            pair.offered_name,
            pair.lift,
            usual.trip_net,
            row_number() over (
                partition by top.customer_id
                order by pair.lift desc nulls last, pair.offered_name asc nulls last
            ) as offer_number
        from (
            select
                category.*,
                row_number() over (
                    partition by category.customer_id
                    order by category.net_amount desc nulls last, category.category_name asc nulls last
                ) as category_number
            from category
        ) as top
        inner join (
            select had_name, offered_name, max(lift) as lift
            from (
                select
                    left_name as had_name, right_name as offered_name, lift, affinity_level,
                    fiscal_period_start_date
                from {{ ref('basket_affinity') }}
                union all
                select
                    right_name as had_name, left_name as offered_name, lift, affinity_level,
                    fiscal_period_start_date
                from {{ ref('basket_affinity') }}
            ) as both_ways
            inner join as_of
                on both_ways.fiscal_period_start_date > {{ add_days('as_of.as_of_date', -365) }}
            where affinity_level = 'category' and lift >= 1.5
            group by had_name, offered_name
        ) as pair
            on top.category_name = pair.had_name and top.category_number = 1
        inner join (
            select category_name, sum(net_amount) / sum(trip_count) as trip_net
            from category
            group by category_name
        ) as usual
            on pair.offered_name = usual.category_name
        left join category as had
            on top.customer_id = had.customer_id and pair.offered_name = had.category_name
        where had.customer_id is null
    ) as ranked
    where offer_number = 1
{%- endmacro %}

{#- How often each action was answered, by the segment of the customer today. -#}
{% macro action_responses() -%}
    select
        kind.action_code,
        coalesce(rfm.segment_code, 'none') as segment_code,
        count(*) as treated_count,
        count(response.responded_date) as response_count
    from {{ ref('next_action') }} as kind
    inner join {{ ref('dim_campaign') }} as campaign
        on kind.campaign_objective = lower(campaign.objective)
    inner join {{ ref('fct_campaign_response') }} as response
        on campaign.campaign_id = response.campaign_id
    left join {{ ref('rfm') }} as rfm on response.customer_id = rfm.customer_id
    where response.sent_date is not null
    group by kind.action_code, coalesce(rfm.segment_code, 'none')
{%- endmacro %}

{#- All kinds of candidates. -#}
{% macro action_candidates() -%}
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
{%- endmacro %}

{#-
    Candidates with the chance of an answer and what it costs to ask: one more answer than came, of as
    many more customers as it takes by the base rate, so that few tell little. Expects the CTEs
    candidate and response.
-#}
{% macro expected_actions() -%}
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
    left join (
        select
            activity_name,
            {{ ratio('sum(service_cost_amount)', 'sum(activity_count)') }} as activity_cost
        from {{ ref('fct_service_cost') }}
        where service_cost_amount is not null
        group by activity_name
    ) as cost
        on kind.activity_name = cost.activity_name
{%- endmacro %}
