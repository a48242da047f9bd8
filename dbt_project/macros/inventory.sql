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

{#-
    The stock of each store and item on each day of the periods to build, with the stock of the day
    before the period, marked is_opening, for the first residual.
-#}
{% macro delivered_inventory(days) -%}
    select
        snapshot.*,
        days.fiscal_period_start_date,
        snapshot.business_date < days.fiscal_period_start_date as is_opening
    from {{ ref('stg_stock__snapshot') }} as snapshot
    inner join (
        select date_day, fiscal_period_start_date from {{ days }}
        union all
        select distinct
            {{ add_days('fiscal_period_start_date', -1) }} as date_day,
            fiscal_period_start_date
        from {{ days }}
    ) as days on snapshot.business_date = days.date_day
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
    Each day of each store and item, with the residual of the stock ledger: opening plus movements
    less closing. It is NULL without the stock of the very day before, and where no movement of the
    store on that day is known: silence of a feed is not a fact. The days that a store sent nothing
    between two on which it did are added for the items of its last snapshot, without quantities.
-#}
{% macro dated_inventory(delivered, movement, day) -%}
    {%- set stated = inventory_measures() | reject('in', ['residual_quantity', 'is_snapshot_missing']) -%}
    {%- set stated = stated | list -%}
    select
        opened.store_id,
        opened.product_id,
        opened.fiscal_period_start_date,
        opened.business_date,
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
            {{ lag_in_item('business_date') }} as opening_date
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
        missing.date_day as business_date,
        {%- for measure in stated %}
        case when 1 = 0 then last_delivered.{{ measure }} end as {{ measure }},
        {%- endfor %}
        cast(null as decimal(18, 3)) as residual_quantity,
        true as is_snapshot_missing
    from (
        select
            gap.store_id,
            gap.last_date,
            day.date_day
        from (
            select
                store_id,
                fiscal_period_start_date,
                business_date as last_date,
                lead(business_date) over (
                    partition by store_id, fiscal_period_start_date
                    order by business_date nulls last
                ) as next_date
            from (
                select distinct store_id, fiscal_period_start_date, business_date
                from {{ delivered }}
                where not is_opening
            ) as store_day
        ) as gap
        inner join {{ day }} as day
            on day.date_day > gap.last_date and day.date_day < gap.next_date
    ) as missing
    inner join {{ delivered }} as last_delivered
        on
            missing.store_id = last_delivered.store_id
            and missing.last_date = last_delivered.business_date
            and not last_delivered.is_opening
{%- endmacro %}
