{#- What marts.customer_month joins, each by customer and calendar month. -#}

{#- Sales of identified customers. What comes of a month that runs is seen when it has ended. -#}
{% macro bought_months() -%}
    select
        customer_id,
        {{ month_start('business_date') }} as month_start_date,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount,
        cast(sum(receipt_count) as bigint) as receipt_count,
        cast(sum(costed_receipt_count) as bigint) as costed_receipt_count,
        sum(unit_count) as unit_count,
        cast(sum(transaction_count) as bigint) as transaction_count,
        {{ count_where('is_purchase_day') }} as purchase_day_count,
        max(case when is_purchase_day then business_date end) as last_purchase_date
    from {{ ref('fct_customer_day') }}
    where
        customer_key > 0
        and customer_id not in ({{ profiling_objector() }})
        and business_date <= (select max(calendar_month.month_end_date) from calendar_month)
    group by customer_id, {{ month_start('business_date') }}
{%- endmacro %}

{#- Cost of service, each activity in a column of its own. -#}
{% macro served_months() -%}
    select
        customer_id,
        {{ month_start('activity_date') }} as month_start_date,
        {%- for activity in ['contact', 'case', 'return', 'delivery', 'campaign'] %}
        sum(case when activity_name = '{{ activity }}' then service_cost_amount end)
            as {{ activity }}_cost_amount,
        {%- endfor %}
        sum(service_cost_amount) as service_cost_amount
    from {{ ref('fct_service_cost') }}
    group by customer_id, {{ month_start('activity_date') }}
{%- endmacro %}

{#-
    What stood open on the last date, up to the month's end, on which receivables were taken: a customer
    who had some once and is not among them then owes nothing. Reads the caller's calendar_month.
-#}
{% macro owed_months() -%}
    select
        debtor.customer_id,
        last_taken.month_start_date,
        coalesce(standing.open_amount, 0) as open_amount,
        coalesce(standing.overdue_amount, 0) as overdue_amount,
        cost.overdue_cost_amount
    from (
        select customer_id, min(snapshot_date) as first_snapshot_date
        from {{ ref('fct_receivable_snapshot') }}
        where customer_key > 0
        group by customer_id
    ) as debtor
    inner join (
        select calendar_month.month_start_date, max(taken.snapshot_date) as snapshot_date
        from calendar_month
        inner join (
            select distinct snapshot_date from {{ ref('fct_receivable_snapshot') }}
        ) as taken
            on calendar_month.month_end_date >= taken.snapshot_date
        group by calendar_month.month_start_date
    ) as last_taken
        on debtor.first_snapshot_date <= last_taken.snapshot_date
    left join {{ ref('fct_receivable_snapshot') }} as standing
        on
            debtor.customer_id = standing.customer_id
            and last_taken.snapshot_date = standing.snapshot_date
    left join (
        select
            customer_id,
            {{ month_start('snapshot_date') }} as month_start_date,
            sum(overdue_cost_amount) as overdue_cost_amount
        from {{ ref('fct_receivable_snapshot') }}
        group by customer_id, {{ month_start('snapshot_date') }}
    ) as cost
        on
            debtor.customer_id = cost.customer_id
            and last_taken.month_start_date = cost.month_start_date
{%- endmacro %}

{#- 0 for whom a cost did not fall on in the month; NULL where no feed tells it of anybody. -#}
{% macro known_cost(amount) -%}
    case when count({{ amount }}) over () > 0 then {{ money('coalesce(' ~ amount ~ ', 0)') }} end
{%- endmacro %}
