{#- What is summed of the stock of a store. -#}
{% macro stock_sums() -%}
    {{ return([
        'item_count', 'costed_item_count', 'ranged_item_count', 'stock_out_item_count',
        'on_hand_quantity', 'stock_cost_amount'
    ]) }}
{%- endmacro %}

{#-
    What the stock of a store is more or less on a date than the day before: spans that begin are
    added, those that ended the day before are taken off. The spans are read twice, since a CTE that
    is used twice would hold them all in memory. A day that nobody stated adds nothing.
-#}
{% macro stock_changes() -%}
    {%- for sign, business_date in [('', 'from_date'), ('-', add_days('to_date', 1))] %}
    select
        store_id,
        fiscal_period_start_date,
        {{ business_date }} as business_date,
        {{ sign }}count(*) as item_count,
        {{ sign }}count(stock_cost_amount) as costed_item_count,
        {{ sign }}{{ count_where('is_ranged') }} as ranged_item_count,
        {{ sign }}{{ count_where('is_out_of_stock') }} as stock_out_item_count,
        {{ sign }}sum(on_hand_quantity) as on_hand_quantity,
        {{ sign }}sum(coalesce(stock_cost_amount, 0)) as stock_cost_amount
    from {{ ref('fct_inventory_snapshot') }}
    where
        not is_snapshot_missing
        and {{ is_changed(
            'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
        ) }}
    group by store_id, fiscal_period_start_date, {{ business_date }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The sum of what is more or less, by store and date. -#}
{% macro stock_changed_days(change) -%}
    select
        {%- for measure in stock_sums() %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        store_id,
        fiscal_period_start_date,
        business_date
    from {{ change }}
    group by store_id, fiscal_period_start_date, business_date
{%- endmacro %}

{#- The stock of each store on each day of a period: what changed up to it. None where nothing lies. -#}
{% macro running_stock(changed_day, day) -%}
    select * from (
        select
            {%- for measure in stock_sums() %}
            sum(changed.{{ measure }}) over (
                partition by store.store_id, store.fiscal_period_start_date
                order by day.date_day asc nulls last
                rows between unbounded preceding and current row
            ) as {{ measure }},
            {%- endfor %}
            store.store_id,
            store.fiscal_period_start_date,
            day.date_day as business_date
        from (
            select distinct store_id, fiscal_period_start_date from {{ changed_day }}
        ) as store
        inner join {{ day }} as day
            on store.fiscal_period_start_date = day.fiscal_period_start_date
        left join {{ changed_day }} as changed
            on
                store.store_id = changed.store_id
                and store.fiscal_period_start_date = changed.fiscal_period_start_date
                and day.date_day = changed.business_date
    ) as summed
    where item_count > 0
{%- endmacro %}

{#-
    What came to a store and what was lost in it, by date: a row for each date on which anything moved
    there. What was lost is worth its shelf price of that day (M21); without one it is left out.
-#}
{% macro stock_flows(days) -%}
    select
        movement.store_id,
        movement.business_date,
        day.fiscal_period_start_date,
        sum(
            case
                when movement.movement_type_code in ('receipt', 'transfer_in')
                    then movement.movement_quantity
            end
        ) as received_quantity,
        sum(-lost.movement_quantity * lost.retail_price_amount) as shrink_amount
    from {{ ref('fct_stock_movement') }} as movement
    inner join {{ days }} as day on movement.business_date = day.date_day
    left join (
        select
            shrunk.movement_id,
            shrunk.business_date,
            shrunk.movement_quantity,
            inventory.retail_price_amount
        from {{ ref('fct_stock_movement') }} as shrunk
        inner join {{ days }} as day on shrunk.business_date = day.date_day
        inner join {{ ref('fct_inventory_snapshot') }} as inventory
            on
                shrunk.store_id = inventory.store_id
                and shrunk.product_id = inventory.product_id
                and day.fiscal_period_start_date = inventory.fiscal_period_start_date
                and shrunk.business_date >= inventory.from_date
                and shrunk.business_date <= inventory.to_date
        where shrunk.movement_type_code = 'shrink'
    ) as lost
        on
            movement.movement_id = lost.movement_id
            and movement.business_date = lost.business_date
    group by movement.store_id, movement.business_date, day.fiscal_period_start_date
{%- endmacro %}
