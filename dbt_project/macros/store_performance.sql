{#- Columns of store_performance by subject, and what they join. -#}

{#-
    Whether a feed told of the trading days of the row: all of them, some, or none.
-#}
{% macro told_status(day_count) -%}
    case
        when coalesce({{ day_count }}, 0) = 0 then 'no feed'
        when {{ day_count }} < measured.trading_day_count then 'partial'
        else 'ok'
    end
{%- endmacro %}

{#- Columns of store_performance: last year, and the days that compare with it; reads its period_compared. -#}
{% macro store_compared_columns() -%}
    {{ money('period_compared.net_amount_ly_aligned') }} as net_amount_ly_aligned,
        period_compared.comparable_day_count > 0 as is_comparable,
        case
            when period_compared.comparable_day_count = 0
                then {{ text_of_dated('period_compared.last_dated_reason') }}
        end as comparable_exclusion_reason,
        {{ money('period_compared.comparable_net_amount') }} as comparable_net_amount,
        {{ money('period_compared.comparable_net_amount_ly') }} as comparable_net_amount_ly,
        {{ ratio('comparable_net_amount', 'comparable_net_amount_ly') }} - 1
            as comparable_growth_rate
{%- endmacro %}

{#- Columns of store_performance: who came, who worked and what was aimed at; reads its measured. -#}
{% macro store_visit_columns() -%}
    cast(measured.visitor_count as bigint) as visitor_count,
        {{ ratio('measured.visited_transaction_count', 'measured.visitor_count') }}
            as conversion_rate,
        {{ told_status('measured.traffic_day_count') }} as traffic_status,
        {{ quantity('measured.labour_hour_quantity') }} as labour_hour_quantity,
        {{ ratio('measured.worked_net_amount', 'measured.labour_hour_quantity') }}
            as net_per_labour_hour_amount,
        {{ told_status('measured.labour_day_count') }} as labour_status,
        {{ money('measured.target_net_amount') }} as target_net_amount,
        {{ ratio('measured.aimed_net_amount', 'measured.target_net_amount') }}
            as target_attainment_rate,
        {{ told_status('measured.target_day_count') }} as target_status
{%- endmacro %}

{#-
    Columns of store_performance: what came back, exceptions and drawers of the tills; reads its sales
    and measured.
-#}
{% macro store_till_columns() -%}
    {{ ratio('sales.returns_amount', 'sales.gross_amount - sales.discount_amount') }}
            as returns_rate,
    {%- for measure in ['void', 'override', 'drawer_opening'] %}
        case
            when measured.tells_exceptions
                then cast(coalesce(measured.{{ measure }}_count, 0) as bigint)
        end as {{ measure }}_count,
        case
            when measured.tells_exceptions
                then {{ ratio(
                    'coalesce(measured.' ~ measure ~ '_count, 0)', 'sales.transaction_count'
                ) }}
        end as {{ measure }}_rate,
    {%- endfor %}
        case when measured.tells_exceptions then 'ok' else 'no feed' end as exception_status,
        {{ money('measured.drawer_difference_amount') }} as drawer_difference_amount,
        {{ told_status('measured.drawer_day_count') }} as drawer_status
{%- endmacro %}

{#- What store_stock_columns reads beside measures: the evening before the row, and its weeks. -#}
{% macro store_stock_joins() -%}
    left join {{ ref('fct_stock_day') }} as opening
        on
            period_compared.store_id = opening.store_id
            and {{ add_days('period_compared.period_start_date', -1) }} = opening.business_date
    left join ({{ store_period_lost() }}) as period_lost
        on {{ same_store_period('period_lost') }}
{%- endmacro %}

{#-
    Columns of store_performance: what lies in the store and what it earns (M12 to M15, M18, M21);
    reads its measured, opening, sales, period_lost and period_area. Sell-through needs the stock of
    the evening before and a word on what came since.
-#}
{% macro store_stock_columns() -%}
    measured.average_stock_cost_amount,
        {{ ratio(
            'sales.margin_amount * 365', 'measured.average_stock_cost_amount * period_area.day_count'
        ) }} as gmroi_rate,
        {{ ratio(
            '(sales.costed_net_amount - sales.margin_amount) * 365',
            'measured.average_stock_cost_amount * period_area.day_count'
        ) }} as stock_turn_rate,
        {{ ratio(
            'measured.average_stock_cost_amount * period_area.day_count',
            '(sales.costed_net_amount - sales.margin_amount)'
        ) }} as stock_days,
        cast(measured.ranged_item_day_count as bigint) as ranged_item_day_count,
        cast(measured.stock_out_item_day_count as bigint) as stock_out_item_day_count,
        {{ ratio('measured.stock_out_item_day_count', 'measured.ranged_item_day_count') }}
            as stock_out_rate,
        case
            when opening.item_count > 0
                then {{ ratio(
                    'sales.unit_count', '(opening.on_hand_quantity + measured.received_quantity)'
                ) }}
        end as sell_through_rate,
        period_lost.supply_days,
        {{ money('period_lost.lost_net_amount') }} as lost_net_amount,
        {{ money('measured.shrink_amount') }} as shrink_amount,
        {{ ratio('measured.shrink_amount', 'period_compared.net_amount') }} as shrink_rate,
        {{ told_status('measured.stock_day_count') }} as stock_status
{%- endmacro %}

{#- Columns of store_performance: the stores that it is compared with, as they are grouped today. -#}
{% macro store_peer_columns() -%}
    {#- A store that is new has no mix, and so no cluster but the master's. -#}
    {%- set cluster = 'coalesce(store_cluster.cluster_code, dim_store.cluster_code)' -%}
    {%- set peers -%}
    partition by
                period_compared.period_grain,
                period_compared.period_start_date,
                {{ cluster }}
    {%- endset -%}
    {{ cluster }} as cluster_code,
        cast(rank() over (
            {{ peers }}
            order by period_compared.net_amount desc nulls last
        ) as bigint) as peer_rank,
        cast(count(*) over ({{ peers }}) as bigint) as peer_count
{%- endmacro %}

{#- The row of store_performance that another one of a store and reporting period belongs to. -#}
{% macro same_store_period(relation) -%}
    period_compared.period_grain = {{ relation }}.period_grain
            and period_compared.period_start_date = {{ relation }}.period_start_date
            and period_compared.store_id = {{ relation }}.store_id
{%- endmacro %}
