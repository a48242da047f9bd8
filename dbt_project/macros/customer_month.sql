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
        and business_date <= (select max(ended.month_end_date) from ({{ ended_months() }}) as ended)
        and {{ is_replaced_month('business_date') }}
    group by customer_id, {{ month_start('business_date') }}
{%- endmacro %}

{#-
    Customers with the months that they have no row of: from the first purchase, or after the last row
    that stands, to a year after the last purchase. `bought` is bought_months or its CTE. What stands is
    without a gap, and before all that bought_months gives.
-#}
{% macro customer_spans(bought='bought') -%}
    {%- if is_incremental() -%}
    select
        customer_id,
        coalesce(
            {{ add_months('max(case when is_standing then month_start_date end)', 1) }},
            min(month_start_date)
        ) as first_month,
        {{ add_months('max(case when receipt_count > 0 then month_start_date end)', 12) }}
            as last_month
    from (
        select customer_id, month_start_date, receipt_count, true as is_standing
        from {{ this }}
        where month_start_date < (
            select min(replaced_from_month) from {{ source('history', 'customer_month_change') }}
        )

        union all

        select customer_id, month_start_date, receipt_count, false as is_standing
        from {{ bought }} as bought
    ) as lived
    {%- else -%}
    select
        customer_id,
        min(month_start_date) as first_month,
        {{ add_months('max(month_start_date)', 12) }} as last_month
    from {{ bought }} as bought
    {%- endif %}
    group by customer_id
{%- endmacro %}

{#- The condition that a month of a customer may have to be told: it is replaced, or one of a gap. -#}
{% macro is_month_to_tell(month, customer_id) -%}
    {%- if is_incremental() -%}
    (
        {{ is_replaced_month(month) }}
        or {{ customer_id }} in (
            select returned.customer_id from customer_span as returned
            where returned.first_month < {{ first_replaced_month() }}
        )
    )
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

{#- Cost of service, each activity in a column of its own. Reads the caller's customer_span. -#}
{% macro served_months() -%}
    select
        customer_id,
        {{ month_start('activity_date') }} as month_start_date,
        {%- for activity in service_activity_names() %}
        sum(case when activity_name = '{{ activity }}' then service_cost_amount end)
            as {{ activity }}_cost_amount,
        {%- endfor %}
        sum(service_cost_amount) as service_cost_amount
    from {{ ref('fct_service_cost') }}
    where {{ is_month_to_tell('activity_date', 'customer_id') }}
    group by customer_id, {{ month_start('activity_date') }}
{%- endmacro %}

{#-
    What stood open on the last date, up to the month's end, on which receivables were taken: a customer
    who had some once and is not among them then owes nothing. Reads the caller's calendar_month and
    customer_span.
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
    where {{ is_month_to_tell('last_taken.month_start_date', 'debtor.customer_id') }}
{%- endmacro %}
