{#- Parts of marts.retention_economics. -#}

{#- Customers by month beside their month and their year before; their months have no gap. -#}
{% macro followed_months() -%}
    {%- set order -%}
    partition by customer_id order by month_start_date asc nulls last
    {%- endset -%}
    select
        month_start_date,
        net_amount,
        transaction_count,
        lag(net_amount) over ({{ order }}) as previous_net_amount,
        lag(transaction_count) over ({{ order }}) as previous_count,
        sum(transaction_count) over ({{ order }} rows between 12 preceding and 1 preceding)
            as before_count,
        sum(purchase_day_count) over ({{ order }} rows between 11 preceding and current row)
            as year_day_count,
        count(*) over ({{ order }} rows between 11 preceding and current row) as year_month_count
    from {{ ref('customer_month') }}
    where {{ is_replaced_month('month_start_date', 12) }}
{%- endmacro %}

{#- What customers did by month. -#}
{% macro summed_months() -%}
    select
        month_start_date,
        {{ count_where('transaction_count > 0') }} as customer_count,
        {{ count_where('before_count > 0') }} as base_customer_count,
        {{ count_where('before_count > 0 and transaction_count > 0') }} as kept_customer_count,
        {{ count_where('year_day_count > 0') }} as year_customer_count,
        {{ count_where('year_day_count >= 2') }} as year_repeat_customer_count,
        sum(year_day_count) as year_day_count,
        sum(case when year_day_count > 0 then year_month_count else 0 end) as year_month_count,
        {{ count_where(bought_twice()) }} as compared_customer_count,
        sum(case when {{ bought_twice() }} then net_amount end) as net_amount,
        sum(case when {{ bought_twice() }} then previous_net_amount end) as previous_net_amount,
        sum(case when {{ bought_twice() }} then transaction_count end) as order_count,
        sum(case when {{ bought_twice() }} then previous_count end) as previous_order_count
    from ({{ followed_months() }}) as followed
    where {{ is_replaced_month('month_start_date') }}
    group by month_start_date
{%- endmacro %}

{#- The counts of customers that a month tells. -#}
{% macro followed_counts() -%}
    {{ return([
        'customer_count', 'base_customer_count', 'kept_customer_count', 'year_customer_count',
        'year_repeat_customer_count', 'compared_customer_count'
    ]) }}
{%- endmacro %}

{#-
    What replaced months of customers tell, and what stands of the others. Rows of a gap, which come and
    go in months that stand, are of who bought nothing for a year, and count for nothing.
-#}
{% macro month_totals() -%}
    {%- set counts = followed_counts() | join(',\n        ') -%}
    select
        month_start_date,
        {{ counts }},
        {{ ratio('12 * year_day_count', 'year_month_count') }} as purchase_days_per_year,
        {{ ratio('net_amount - previous_net_amount', 'previous_net_amount') }} as net_growth_rate,
        {{ ratio('order_count - previous_order_count', 'previous_order_count') }}
            as order_growth_rate
    from ({{ summed_months() }}) as month_sum
    {%- if is_incremental() %}

    union all

    select
        month_start_date,
        {{ counts }},
        purchase_days_per_year,
        net_growth_rate,
        order_growth_rate
    from {{ this }}
    where {{ is_standing_month('month_start_date') }}
    {%- endif -%}
{%- endmacro %}

{#- Whether the customer bought in this month and in the one before. -#}
{% macro bought_twice() -%}
    transaction_count > 0 and previous_count > 0
{%- endmacro %}

{#-
    How satisfaction and net sales of a customer's quarter go together, over the quarters that begin in
    the twelve months. NULL of fewer than ten answers, or where all are alike. Expects won.
-#}
{% macro satisfaction_links() -%}
    select
        won.month_start_date,
        count(*) as answered_count,
        case
            when
                count(*) >= 10
                and min(answer.average_satisfaction_score) < max(answer.average_satisfaction_score)
                and min(answer.net_amount) < max(answer.net_amount)
                then corr(
                    cast(answer.average_satisfaction_score as double),
                    cast(answer.net_amount as double)
                )
        end as correlation
    from won
    inner join {{ ref('satisfaction_loyalty') }} as answer
        on
            answer.fiscal_quarter_start_date
            >= {{ add_months('won.month_start_date', -11) }}
            and answer.fiscal_quarter_start_date <= won.month_end_date
    group by won.month_start_date
{%- endmacro %}

{#- The correlation whose transform is the expression, as exact as it is worth telling. -#}
{% macro untransformed(expression) -%}
    round((exp(2 * ({{ expression }})) - 1) / (exp(2 * ({{ expression }})) + 1), 4)
{%- endmacro %}
