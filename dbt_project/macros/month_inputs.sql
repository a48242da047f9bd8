{#-
    What came of a month of customer_month without a date of it that changed: fingerprints by month of
    first purchases, of cost of service and of receivables. What reaches all rows has the month before
    all others: whether goods have a cost at all, and which costs of customers any feed tells.
-#}
{% macro month_inputs() -%}
    select
        'entry' as input_name,
        cohort_month as month_start_date,
        sum(hash(customer_id, entry_store_id, entry_channel)) as input_version
    from ({{ cohort_entries() }}) as entry
    group by cohort_month

    union all

    select
        'service' as input_name,
        {{ month_start('activity_date') }} as month_start_date,
        sum(hash(customer_id, activity_date, activity_name, service_cost_amount)) as input_version
    from {{ ref('fct_service_cost') }}
    group by 2

    union all

    select
        'receivable' as input_name,
        {{ month_start('snapshot_date') }} as month_start_date,
        sum(hash(customer_id, snapshot_date, open_amount, overdue_amount, overdue_cost_amount))
            as input_version
    from {{ ref('fct_receivable_snapshot') }}
    group by 2

    union all

    select
        'told costs' as input_name,
        {{ first_valid_date() }} as month_start_date,
        cast(hash(costed_goods.is_costed, told_cost) as hugeint) as input_version
    from ({{ told_costs() }}) as told_cost
    cross join ({{ costed_goods() }}) as costed_goods
{%- endmacro %}

{#- The last post-hook of customer_month: leaves the inputs to the next night. -#}
{% macro keep_month_inputs() -%}
    {%- if target.type != 'spark' and execute -%}
    {%- call leave_table('customer_month_input') -%}{{ month_inputs() }}{%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether any receipt has a cost of goods. One is looked for, and not all are counted. -#}
{% macro costed_goods() -%}
    select count(*) > 0 as is_costed
    from (
        select 1 as one from {{ ref('fct_customer_day') }}
        where costed_receipt_count > 0
        limit 1
    ) as costed
{%- endmacro %}

{#- The activities whose cost is told by customer. -#}
{% macro service_activity_names() -%}
    {{ return(['contact', 'case', 'return', 'delivery', 'campaign']) }}
{%- endmacro %}

{#- Whether any feed tells a cost of anybody: by activity, of all of them, and of overdue money. -#}
{% macro told_costs() -%}
    select service.*, receivable.is_overdue_cost_told
    from (
        select
            {%- for activity in service_activity_names() %}
            {{ count_where("activity_name = '" ~ activity ~ "'") }} > 0
                as is_{{ activity }}_cost_told,
            {%- endfor %}
            count(*) > 0 as is_service_cost_told
        from (
            select distinct activity_name from {{ ref('fct_service_cost') }}
            where service_cost_amount is not null
        ) as told_activity
    ) as service
    cross join (
        select count(overdue_cost_amount) > 0 as is_overdue_cost_told
        from {{ ref('fct_receivable_snapshot') }}
    ) as receivable
{%- endmacro %}

{#- The amount of a cost: 0 for whom it did not fall on in the month; NULL where no feed tells it. -#}
{% macro told_cost(amount, name) -%}
    case when told_cost.is_{{ name }}_cost_told then {{ money('coalesce(' ~ amount ~ ', 0)') }} end
{%- endmacro %}
