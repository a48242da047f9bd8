{#- What feeds tell of a store, by business date and reporting period, for store_performance. -#}

{#-
    What feeds tell of a store and business date beside its receipts: by name of the measure, the
    expression over the rows of the relation. A measure that nothing tells is NULL, never zero. A day
    on which any half-hour of the sensors is unsound has no visitors: what the sound ones count could
    only be held against receipts of the same half-hours, and receipts are not kept for ever. Hours of
    department * are those of the whole store.
-#}
{% macro store_day_feeds() -%}
    {{ return({
        'fct_traffic': {
            'visitor_count': 'case when ' ~ count_where('not is_sensor_sound')
                ~ ' = 0 then sum(visitor_in_count) end',
        },
        'fct_labour': {
            'labour_hour_quantity': "coalesce(sum(case when labour_department = '*' then hour_quantity end),"
                ~ ' sum(hour_quantity))',
        },
        'fct_register_session': {'drawer_difference_amount': 'sum(drawer_difference_amount)'},
        'fct_target': {
            'target_net_amount': "sum(case when metric_code = 'net_sales' then target_amount end)",
        },
        'fct_pos_exception': {
            'void_count': count_where("exception_code in ('void', 'cancelled', 'void_line')"),
            'override_count': count_where("exception_code = 'override'"),
            'drawer_opening_count': count_where("exception_code = 'no_sale'"),
        },
        'fct_stock_day': {
            'stock_item_count': 'sum(nullif(item_count, 0))',
            'ranged_item_count': 'sum(ranged_item_count)',
            'stock_out_item_count': 'sum(stock_out_item_count)',
            'stock_cost_amount': 'sum(stock_cost_amount)',
            'received_quantity': 'sum(received_quantity)',
            'shrink_amount': 'sum(shrink_amount)',
        },
        'fct_sales_day': {
            'net_amount': 'sum(net_amount)',
            'transaction_count': 'sum(nullif(transaction_count, 0))',
        },
    }) }}
{%- endmacro %}

{#-
    Store-days with all of it: each relation is summed by itself, and their rows are put together. Reads
    the caller's reporting_period.
-#}
{% macro store_day_measured() -%}
    {%- set measures = [] -%}
    {%- for told in store_day_feeds().values() -%}
        {%- do measures.extend(told.keys()) -%}
    {%- endfor -%}
    select
        store_id,
        business_date
        {%- for measure in measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from (
        {%- for relation, told in store_day_feeds().items() %}
        select
            store_id,
            business_date
            {%- for measure in measures %},
            {{ told.get(measure, 'null') }} as {{ measure }}
            {%- endfor %}
        from {{ ref(relation) }}
        where {{ is_in_period_to_build('business_date') }}
        group by store_id, business_date
        {% if not loop.last %}
        union all
        {% endif %}
        {%- endfor %}
    ) as told
    group by store_id, business_date
{%- endmacro %}

{#-
    The same by reporting period; reads the caller's store_day and reporting_period. What is divided
    by another feed is summed over the days of which both are known.
-#}
{% macro store_period_measured() -%}
    select
        reporting_period.period_grain,
        reporting_period.period_start_date,
        store_day.store_id,
        count(store_day.transaction_count) as trading_day_count,
        {%- for feed, known in [
            ('traffic', 'visitor_count'), ('labour', 'labour_hour_quantity'),
            ('drawer', 'drawer_difference_amount'), ('target', 'target_net_amount'),
            ('stock', 'stock_item_count')
        ] %}
        count(case when store_day.transaction_count > 0 then store_day.{{ known }} end)
            as {{ feed }}_day_count,
        {%- endfor %}
        sum(case when store_day.transaction_count > 0 then store_day.visitor_count end)
            as visitor_count,
        sum(case when store_day.visitor_count is not null then store_day.transaction_count end)
            as visited_transaction_count,
        sum(store_day.labour_hour_quantity) as labour_hour_quantity,
        sum(case when store_day.labour_hour_quantity is not null then store_day.net_amount end)
            as worked_net_amount,
        sum(store_day.drawer_difference_amount) as drawer_difference_amount,
        sum(store_day.target_net_amount) as target_net_amount,
        sum(case when store_day.target_net_amount is not null then store_day.net_amount end)
            as aimed_net_amount,
        -- Most days of a small store have no exception: one that ever told any tells them.
        count(teller.store_id) > 0 as tells_exceptions,
        sum(store_day.void_count) as void_count,
        sum(store_day.override_count) as override_count,
        sum(store_day.drawer_opening_count) as drawer_opening_count,
        sum(store_day.ranged_item_count) as ranged_item_day_count,
        sum(store_day.stock_out_item_count) as stock_out_item_day_count,
        {{ ratio('sum(store_day.stock_cost_amount)', 'count(store_day.stock_cost_amount)') }}
            as average_stock_cost_amount,
        sum(store_day.received_quantity) as received_quantity,
        sum(store_day.shrink_amount) as shrink_amount

    from store_day
    inner join reporting_period on store_day.business_date = reporting_period.date_day
    left join (select distinct store_id from {{ ref('fct_pos_exception') }}) as teller
        on store_day.store_id = teller.store_id

    group by 1, 2, 3
{%- endmacro %}

{#-
    Days of each row that the data holds, of a store from its first sale on, and the mean of its area
    over them: the versions of the store by the days that they share with it. Reads the caller's
    period_compared.
-#}
{% macro store_period_area() -%}
    {%- set shared_days = days_between(
        'greatest(span.first_date, version.valid_from_date)',
        'least(span.last_date, version.valid_to_date)'
    ) ~ ' + 1' -%}
    select
        span.period_grain,
        span.period_start_date,
        span.store_id,
        max({{ days_between('span.first_date', 'span.last_date') }} + 1) as day_count,
        {{ ratio(
            'sum(version.selling_area_m2 * (' ~ shared_days ~ '))',
            'sum(case when version.selling_area_m2 is not null then ' ~ shared_days ~ ' end)'
        ) }} as selling_area_m2
    from (
        select
            period.period_grain,
            period.period_start_date,
            period.store_id,
            greatest(
                period.period_start_date, least(period.period_end_date, sold.first_date)
            ) as first_date,
            least(period.period_end_date, sold.last_date) as last_date
        from period_compared as period
        inner join (
            select
                store_id,
                min(business_date) as first_date,
                max(max(business_date)) over () as last_date
            from {{ ref('fct_sales_day') }}
            group by store_id
        ) as sold
            on period.store_id = sold.store_id
    ) as span
    inner join {{ ref('dim_store') }} as version
        on
            span.store_id = version.store_id
            and span.first_date <= version.valid_to_date
            and span.last_date >= version.valid_from_date
    group by 1, 2, 3
{%- endmacro %}

{#-
    Lost sales of the weeks of each reporting period, and the days of supply at the end of the last; a
    day has neither, since both are told by week. Reads the caller's reporting_period.
-#}
{% macro store_period_lost() -%}
    select
        period_grain,
        period_start_date,
        store_id,
        sum(lost_net_amount) as lost_net_amount,
        sum(case when week_rank = 1 then supply_days end) as supply_days
    from (
        select
            reporting_period.period_grain,
            reporting_period.period_start_date,
            week.store_id,
            week.lost_net_amount,
            week.supply_days,
            row_number() over (
                partition by
                    reporting_period.period_grain, reporting_period.period_start_date, week.store_id
                order by week.fiscal_week_start_date desc nulls last
            ) as week_rank
        from {{ ref('store_stock_week') }} as week
        inner join reporting_period on week.fiscal_week_start_date = reporting_period.date_day
        where reporting_period.period_grain <> 'day'
    ) as ranked
    group by period_grain, period_start_date, store_id
{%- endmacro %}
