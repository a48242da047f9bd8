{#- The parts of marts.customer_value, metrics M25 to M29. A year is twelve calendar months. -#}

{#- Measures of the year to each month's end; the months of a customer have no gap. -#}
{% macro year_measures() -%}
    {%- set ends -%}
    over (partition by customer_id order by month_start_date nulls last rows between
    {%- endset -%}
    {%- set year = ends ~ ' 11 preceding and current row)' -%}
    {%- set prior_year = ends ~ ' 23 preceding and 12 preceding)' -%}
    {%- set summed = [
        'net_amount', 'unit_count', 'transaction_count', 'purchase_day_count',
        'service_cost_amount', 'overdue_cost_amount'
    ] -%}
    select
        month_start_date,
        month_end_date,
        customer_key,
        customer_id,
        tenure_month,
        known.first_month_start_date,
        open_amount,
        overdue_amount,
        {#- Who owes nothing is behind with nothing. #}
        case when overdue_amount = 0 then 0 else {{ ratio('overdue_amount', 'open_amount') }} end
            as overdue_rate,
        coalesce(
            max(last_purchase_date) {{ ends }} unbounded preceding and current row),
            earlier_purchase_date
        ) as last_purchase_date,
        sum(net_amount) {{ prior_year }} as prior_net_amount,
        sum(transaction_count) {{ prior_year }} as prior_transaction_count,
        {#- No receipt in the year is a margin of zero; receipts without a cost are no margin at all. #}
        case
            when sum(costed_receipt_count) {{ year }} > 0 then sum(margin_amount) {{ year }}
            when sum(receipt_count) {{ year }} = 0 and known.is_margin_known then 0
        end as margin_amount,
        {%- for column in summed %}
        sum({{ column }}) {{ year }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select read_month.*, earlier.earlier_purchase_date
        from {{ ref('customer_month') }} as read_month
        left join (
            select customer_id, max(last_purchase_date) as earlier_purchase_date
            from {{ ref('customer_month') }}
            where not {{ is_read_for_touched('month_start_date', 23) }}
            {%- if is_incremental() %} and exists (select 1 from touched)
            {%- endif %}
            group by customer_id
        ) as earlier
            on read_month.customer_id = earlier.customer_id
        where {{ is_read_for_touched('read_month.month_start_date', 23) }}
    ) as followed_month
    cross join (
        select
            min(month_start_date) as first_month_start_date,
            count(margin_amount) > 0 as is_margin_known
        from {{ ref('customer_month') }}
    ) as known
{%- endmacro %}

{#-
    Metric M25 as of each month's end: the median of days between the purchase days of its year, and
    only of who has three of them. A gap counts in all years that hold both of its days.
-#}
{% macro year_cycles() -%}
    select
        gap.customer_id,
        {{ add_months('gap.month_start_date', 'later.month_count') }} as month_start_date,
        cast(median(gap.gap_days) as double) as cycle_days
    from (
        select
            customer_id,
            {{ month_start('business_date') }} as month_start_date,
            {{ days_between('previous_date', 'business_date') }} as gap_days,
            {{ months_between_starts('previous_date', 'business_date') }} as gap_months
        from (
            select
                customer_id,
                business_date,
                lag(business_date) over (
                    partition by customer_id order by business_date nulls last
                ) as previous_date
            from ({{ purchase_days() }}) as purchased
            where {{ is_read_for_touched(month_start('business_date'), 11) }}
        ) as purchase_day
        where previous_date is not null
    ) as gap
    inner join (
        values {% for month_count in range(12) %}({{ month_count }}){{ ', ' if not loop.last }}{% endfor %}
    ) as later (month_count)
        on gap.gap_months + later.month_count <= 11
    group by gap.customer_id, {{ add_months('gap.month_start_date', 'later.month_count') }}
    having count(*) >= 2
{%- endmacro %}

{#-
    Metric M29 of the CTE `measured`: ranks among the customers of the month's end who bought in the
    year, and their weighted mean. Where no cost of goods is known, sales stand for the contribution.
    Who has no cycle of its own has the median of the others. The weight of a rank that is not known is
    spread over the rest.
-#}
{% macro scored_customers() -%}
    {%- set ranks = {
        'contribution': 'amount_rank_rate', 'unit': 'unit_rank_rate',
        'payment': 'payment_rank_rate', 'cycle': 'cycle_rank_rate'
    } -%}
    select
        weighted.*,
        case
            when value_index >= tier_a_score then 'A'
            when value_index >= tier_b_score then 'B'
            when value_index >= tier_c_score then 'C'
            else 'D'
        end as scored_tier_code
    from (
        select
            ranked.*,
            parameter.lost_cycle_multiple,
            parameter.tier_a_score,
            parameter.tier_b_score,
            parameter.tier_c_score,
            100 * (
                {%- for part, rank in ranks.items() %}
                {{ '+ ' if not loop.first }}parameter.{{ part }}_weight * coalesce(ranked.{{ rank }}, 0)
                {%- endfor %}
            ) / nullif(
                {%- for part, rank in ranks.items() %}
                {{ '+ ' if not loop.first }}case
                    when ranked.{{ rank }} is null then 0 else parameter.{{ part }}_weight
                end
                {%- endfor %},
                0
            ) as value_index
        from (
            select
                *,
                {{ month_rank('ranked_amount') }} as amount_rank_rate,
                {{ month_rank('case when transaction_count > 0 then unit_count end') }}
                    as unit_rank_rate,
                1 - {{ month_rank('case when transaction_count > 0 then overdue_rate end') }}
                    as payment_rank_rate,
                1 - {{ month_rank('case when transaction_count > 0 then cycle_days end') }}
                    as cycle_rank_rate
            from (
                select
                    measured.*,
                    month_total.value_basis_code,
                    coalesce(measured.own_cycle_days, month_total.cycle_days) as cycle_days,
                    {{ days_between('measured.last_purchase_date', 'measured.month_end_date') }}
                        as recency_days,
                    case
                        when measured.transaction_count = 0 then null
                        when month_total.value_basis_code = 'contribution'
                            then measured.contribution_amount
                        else measured.net_amount
                    end as ranked_amount
                from measured
                inner join (
                    select
                        month_start_date,
                        median(own_cycle_days) as cycle_days,
                        case
                            when count(contribution_amount) > 0 then 'contribution'
                            else 'net_sales'
                        end as value_basis_code
                    from measured
                    group by month_start_date
                ) as month_total
                    on measured.month_start_date = month_total.month_start_date
            ) as compared
        ) as ranked
        cross join {{ ref('value_score_parameter') }} as parameter
    ) as weighted
{%- endmacro %}

{#- The share of the month's customers who are lower; NULL where the amount is. -#}
{% macro month_rank(amount) -%}
    case
        when {{ amount }} is not null
            then percent_rank() over (
                partition by month_start_date, {{ amount }} is null
                order by {{ amount }} asc nulls last
            )
    end
{%- endmacro %}
