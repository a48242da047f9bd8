{#- Parts of marts.retention_economics. -#}

{#- Customers by month beside their month and their year before; their months have no gap. -#}
{% macro followed_months() -%}
    {%- set order -%}
    partition by customer_id order by month_start_date asc nulls last
    {%- endset -%}
    select
        month_start_date,
        month_end_date,
        tenure_month,
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
{%- endmacro %}

{#- Whether the customer bought in this month and in the one before. -#}
{% macro bought_twice() -%}
    transaction_count > 0 and previous_count > 0
{%- endmacro %}

{#-
    How satisfaction and net sales of a customer's quarter go together, over the quarters that begin in
    the twelve months. NULL of fewer than ten answers, or where all are alike. Expects month_total.
-#}
{% macro satisfaction_links() -%}
    select
        month_total.month_start_date,
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
    from month_total
    inner join {{ ref('satisfaction_loyalty') }} as answer
        on
            answer.fiscal_quarter_start_date
            >= {{ add_months('month_total.month_start_date', -11) }}
            and answer.fiscal_quarter_start_date <= month_total.month_end_date
    group by month_total.month_start_date
{%- endmacro %}

{#- The correlation whose transform is the expression, as exact as it is worth telling. -#}
{% macro untransformed(expression) -%}
    round((exp(2 * ({{ expression }})) - 1) / (exp(2 * ({{ expression }})) + 1), 4)
{%- endmacro %}
