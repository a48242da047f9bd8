{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        {'sql': "{{ keep_standing_months() }}", 'transaction': false},
        "{{ delete_touched_rows() }}",
    ],
    post_hook=[
        {'sql': "{{ keep_changed_month() }}", 'transaction': false},
        {'sql': "{{ keep_month_inputs() }}", 'transaction': false},
    ]
) }}

-- Grain: one row per identified customer and calendar month, without a gap from the month of the
-- first receipt to a year after that of the last; months that have ended within the data. Amounts
-- but those that stand open are additive over both. Who objects to profiling is not here.
with

calendar_month as (

    {{ ended_months() }}

),

costed_goods as (

    {{ costed_goods() }}

),

told_cost as (

    {{ told_costs() }}

),

bought as (

    {{ bought_months() }}

),

customer_span as (

    {{ customer_spans() }}

),

served as (

    {{ served_months() }}

),

owed as (

    {{ owed_months() }}

),

final as (

    select
        calendar_month.month_start_date,
        calendar_month.month_end_date,
        customer.customer_key,
        customer_span.customer_id,
        {{ months_between_starts('acquisition.acquired_date', 'calendar_month.month_start_date') }}
            as tenure_month,
        {{ money('coalesce(bought.net_amount, 0)') }} as net_amount,
        -- No receipt is a margin of zero; receipts without a cost are no margin at all.
        case
            when bought.costed_receipt_count > 0 then {{ money('bought.margin_amount') }}
            when bought.receipt_count is null and costed_goods.is_costed then {{ money('0') }}
        end as margin_amount,
        {{ quantity('coalesce(bought.unit_count, 0)') }} as unit_count,
        coalesce(bought.receipt_count, 0) as receipt_count,
        coalesce(bought.costed_receipt_count, 0) as costed_receipt_count,
        coalesce(bought.transaction_count, 0) as transaction_count,
        coalesce(bought.purchase_day_count, 0) as purchase_day_count,
        bought.last_purchase_date,
        {%- for name in service_activity_names() + ['service'] %}
        {{ told_cost('served.' ~ name ~ '_cost_amount', name) }} as {{ name }}_cost_amount,
        {%- endfor %}
        {{ told_cost('owed.overdue_cost_amount', 'overdue') }} as overdue_cost_amount,
        {{ money('owed.open_amount') }} as open_amount,
        {{ money('owed.overdue_amount') }} as overdue_amount

    from customer_span
    inner join calendar_month
        on
            calendar_month.month_start_date
            between customer_span.first_month and customer_span.last_month
    cross join costed_goods
    cross join told_cost
    left join bought
        on
            customer_span.customer_id = bought.customer_id
            and calendar_month.month_start_date = bought.month_start_date
    left join served
        on
            customer_span.customer_id = served.customer_id
            and calendar_month.month_start_date = served.month_start_date
    left join owed
        on
            customer_span.customer_id = owed.customer_id
            and calendar_month.month_start_date = owed.month_start_date
    left join {{ ref('dim_customer') }} as customer
        on customer_span.customer_id = customer.customer_id and customer.is_current
    left join {{ ref('fct_acquisition') }} as acquisition
        on customer_span.customer_id = acquisition.customer_id

)

select * from final
order by month_start_date
