{#- What a stock snapshot states of a store and item, and the residual of the stock ledger. -#}
{% macro inventory_measures() -%}
    {{ return([
        'on_hand_quantity', 'available_quantity', 'reserved_quantity', 'in_transit_quantity',
        'damaged_quantity', 'unit_cost_amount', 'retail_price_amount', 'is_ranged',
        'presentation_minimum_quantity', 'safety_stock_quantity', 'residual_quantity',
        'is_snapshot_missing'
    ]) }}
{%- endmacro %}

{#-
    Stock of every day for a mart: the spans of fct_inventory_snapshot written out. A reader does the
    same with one join: dim_date on date_day between from_date and to_date.
-#}
{% macro inventory_by_day(condition='1 = 1') -%}
    select
        inventory.*,
        dim_date.date_day as business_date
    from {{ ref('fct_inventory_snapshot') }} as inventory
    inner join {{ ref('dim_date') }} as dim_date
        on dim_date.date_day between inventory.from_date and inventory.to_date
    where {{ condition }}
{%- endmacro %}

{#- What a snapshot states itself, without what is worked out from its neighbours. -#}
{% macro stated_measures() -%}
    {{ return(
        inventory_measures() | reject('in', ['residual_quantity', 'is_snapshot_missing']) | list
    ) }}
{%- endmacro %}

{#- What names a store and item within a period. -#}
{% macro inventory_item() -%}
    store_id, product_id, fiscal_period_start_date
{%- endmacro %}

{#- The value of the day before that a store and item has, within its period. -#}
{% macro lag_in_item(column) -%}
    lag({{ column }}) over (
        partition by {{ inventory_item() }}
        order by business_date nulls last
    )
{%- endmacro %}

{#-
    What is delivered of each store and item, with the residual of the stock ledger: opening plus
    movements less closing. It is NULL without the stock of the very day before, and where no movement
    of the store on that day is known: silence of a feed is not a fact. On each day of a quiet run it
    is what it is on the first. The days that a store sent nothing between two on which it did are
    added for the items of its last snapshot, without quantities.
-#}
{% macro dated_inventory(delivered, movement) -%}
    {%- set stated = stated_measures() -%}
    select
        opened.store_id,
        opened.product_id,
        opened.fiscal_period_start_date,
        opened.business_date,
        opened.to_date,
        {{ stated | join(',\n        ') }},
        case
            when
                {{ days_between('opened.opening_date', 'opened.business_date') }} = 1
                and moved_store.store_id is not null
                then {{ quantity(
                    'opened.opening_quantity + coalesce(moved.movement_quantity, 0)'
                    ~ ' - opened.on_hand_quantity'
                ) }}
        end as residual_quantity,
        false as is_snapshot_missing
    from (
        select
            delivered.*,
            {{ lag_in_item('on_hand_quantity') }} as opening_quantity,
            {{ lag_in_item('to_date') }} as opening_date
        from {{ delivered }} as delivered
    ) as opened
    left join {{ movement }} as moved
        on
            opened.store_id = moved.store_id
            and opened.product_id = moved.product_id
            and opened.business_date = moved.business_date
    left join (select distinct store_id, business_date from {{ movement }}) as moved_store
        on
            opened.store_id = moved_store.store_id
            and opened.business_date = moved_store.business_date
    where not opened.is_opening

    union all

    select
        last_delivered.store_id,
        last_delivered.product_id,
        last_delivered.fiscal_period_start_date,
        missing.from_date as business_date,
        missing.to_date,
        {%- for measure in stated %}
        case when 1 = 0 then last_delivered.{{ measure }} end as {{ measure }},
        {%- endfor %}
        cast(null as decimal(18, 3)) as residual_quantity,
        true as is_snapshot_missing
    from (
        select
            store_id,
            fiscal_period_start_date,
            last_date,
            {{ add_days('last_date', 1) }} as from_date,
            {{ add_days('business_date', -1) }} as to_date
        from (
            select
                store_id,
                fiscal_period_start_date,
                business_date,
                max(to_date) over (
                    partition by store_id, fiscal_period_start_date
                    order by business_date nulls last
                    rows between unbounded preceding and 1 preceding
                ) as last_date
            from (
                select
                    store_id,
                    fiscal_period_start_date,
                    business_date,
                    max(to_date) as to_date
                from {{ delivered }}
                where business_date >= fiscal_period_start_date
                group by store_id, fiscal_period_start_date, business_date
            ) as store_day
        ) as gap
        where {{ days_between('last_date', 'business_date') }} > 1
    ) as missing
    inner join {{ delivered }} as last_delivered
        on
            missing.store_id = last_delivered.store_id
            and missing.fiscal_period_start_date = last_delivered.fiscal_period_start_date
            and missing.last_date >= last_delivered.business_date
            and missing.last_date <= last_delivered.to_date
            and last_delivered.business_date >= last_delivered.fiscal_period_start_date
{%- endmacro %}

{#-
    What follows on each other of a store and item and does not differ, put together: the rows that
    differ from the one before, each up to the last day before the next of them. So most rows are
    gone before they would be sorted once more.
-#}
{% macro inventory_spans(dated) -%}
    select
        {{ inventory_item() }},
        {{ inventory_measures() | join(',\n        ') }},
        business_date as from_date,
        coalesce(
            lead(previous_date) over (
                partition by {{ inventory_item() }}
                order by business_date nulls last
            ),
            last_date
        ) as to_date
    from (
        select
            *,
            case
                {%- for measure in inventory_measures() %}
                when {{ differs(measure, lag_in_item(measure)) }} then 1
                {%- endfor %}
                when {{ days_between(lag_in_item('to_date'), 'business_date') }} = 1 then 0
                else 1
            end as is_change,
            {{ lag_in_item('to_date') }} as previous_date,
            max(to_date) over (
                partition by {{ inventory_item() }}
                order by business_date nulls last
                rows between current row and unbounded following
            ) as last_date
        from {{ dated }}
    ) as followed
    where is_change = 1
{%- endmacro %}
