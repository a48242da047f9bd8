{#-
    How a night goes on with a week of stock that stands.

    When all that changed lies after the last day of which stock was known in a week, most items are on
    the new day what they were on the one before, and neither sold nor were delivered: their rows last
    for a day more, which DuckDB writes without touching the other columns. Just the items that did
    something, and those that are missed, are told anew, with their whole week. A week of which an
    earlier day changed is told whole, and so is its first night.
-#}

{#- The weeks that go on, by the first date that changed in them. -#}
{% macro week_tails(reach) -%}
    select
        touched.fiscal_week_start_date,
        touched.fiscal_period_start_date,
        touched.from_date
    from (
        select
            dim_date.fiscal_week_start_date,
            dim_date.fiscal_period_start_date,
            min(dim_date.date_day) as from_date
        from {{ ref('dim_date') }} as dim_date
        inner join ({{ reach }}) as reach
            on dim_date.date_day between reach.from_date and reach.to_date
        group by dim_date.fiscal_week_start_date, dim_date.fiscal_period_start_date
    ) as touched
    inner join (
        select fiscal_week_start_date, max(to_date) as to_date
        from {{ this }}
        where fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', reach=reach) }})
        group by fiscal_week_start_date
    ) as standing
        on
            touched.fiscal_week_start_date = standing.fiscal_week_start_date
            and touched.from_date > standing.to_date
{%- endmacro %}

{#-
    The stores that go on in those weeks, with the last day of which their stock is known and the days
    on which they traded up to it. `tails` is the relation of weeks.
-#}
{% macro store_week_tails(tails) -%}
    select
        known.store_id,
        known.fiscal_week_start_date,
        known.fiscal_period_start_date,
        known.from_date,
        known.to_date,
        count(sales_day.business_date) as trading_day_count
    from (
        select
            span.store_id,
            tail.fiscal_week_start_date,
            tail.fiscal_period_start_date,
            tail.from_date,
            max(least(span.to_date, {{ add_days('tail.fiscal_week_start_date', 6) }})) as to_date
        from {{ ref('fct_inventory_snapshot') }} as span
        inner join {{ tails }} as tail
            on
                span.fiscal_period_start_date = tail.fiscal_period_start_date
                and span.from_date <= {{ add_days('tail.fiscal_week_start_date', 6) }}
                and span.to_date >= tail.from_date
        where span.on_hand_quantity is not null
        group by
            span.store_id,
            tail.fiscal_week_start_date,
            tail.fiscal_period_start_date,
            tail.from_date
    ) as known
    left join {{ ref('fct_sales_day') }} as sales_day
        on
            known.store_id = sales_day.store_id
            and known.from_date <= sales_day.business_date
            and known.to_date >= sales_day.business_date
            and not sales_day.is_rolled
    group by
        known.store_id,
        known.fiscal_week_start_date,
        known.fiscal_period_start_date,
        known.from_date,
        known.to_date
{%- endmacro %}

{#-
    The items that do not just last: their stock changed or ended since, they are missed, sold or
    delivered. `store_tails` is the relation of stores.
-#}
{% macro stirred_week_items(tails, store_tails) -%}
    select
        span.store_id,
        span.product_id,
        tail.fiscal_week_start_date
    from {{ ref('fct_inventory_snapshot') }} as span
    inner join {{ store_tails }} as tail
        on
            span.fiscal_period_start_date = tail.fiscal_period_start_date
            and span.store_id = tail.store_id
            and span.from_date <= tail.to_date
            and span.to_date >= {{ add_days('tail.from_date', -1) }}
    where
        span.from_date >= tail.from_date
        or span.to_date < tail.to_date
        or span.is_out_of_stock

    union

    select
        fct_sales.store_id,
        fct_sales.product_id,
        tail.fiscal_week_start_date
    from {{ ref('fct_sales') }} as fct_sales
    inner join ({{ days_of_tails(tails) }}) as tail on fct_sales.business_date = tail.date_day
    where fct_sales.line_type = 'sale'

    union

    select
        moved.store_id,
        moved.product_id,
        tail.fiscal_week_start_date
    from {{ ref('fct_stock_movement') }} as moved
    inner join ({{ days_of_tails(tails) }}) as tail on moved.business_date = tail.date_day
    where moved.movement_type_code in ('receipt', 'transfer_in')
{%- endmacro %}

{#-
    The days of those weeks on which anything may have happened since. Asked of the calendar, which
    DuckDB knows to be small: of tails it may think that they are more than all sales, and build on those.
-#}
{% macro days_of_tails(tails) -%}
    select dim_date.fiscal_week_start_date, dim_date.date_day
    from {{ ref('dim_date') }} as dim_date
    where
        dim_date.fiscal_week_start_date in (select tail.fiscal_week_start_date from {{ tails }} as tail)
        and dim_date.date_day >= (select min(tail.from_date) from {{ tails }} as tail)
{%- endmacro %}

{#- The CTEs of weeks that go on: week_tail, store_week_tail and stirred_item; a full build has none. -#}
{% macro weeks_to_go_on(reach) -%}
    {%- if goes_on() -%}
    week_tail as (

        {{ week_tails(reach) }}

    ),

    store_week_tail as (

        {{ store_week_tails('week_tail') }}

    ),

    stirred_item as (

        {{ stirred_week_items('week_tail', 'store_week_tail') }}

    ),
    {%- endif -%}
{%- endmacro %}

{#-
    Of spans of a week that goes on, those of stirred items; of any other week, all. Joined to `spans`
    of `weeks`, with the condition that they are told.
-#}
{% macro join_stirred_items(spans, weeks) -%}
    {%- if goes_on() %}
    left join week_tail
        on {{ weeks }}.fiscal_week_start_date = week_tail.fiscal_week_start_date
    left join stirred_item
        on
            {{ spans }}.store_id = stirred_item.store_id
            and {{ spans }}.product_id = stirred_item.product_id
            and {{ weeks }}.fiscal_week_start_date = stirred_item.fiscal_week_start_date
    {%- endif -%}
{%- endmacro %}

{% macro is_told() -%}
    {%- if goes_on() %}
        and (week_tail.fiscal_week_start_date is null or stirred_item.store_id is not null)
    {%- endif -%}
{%- endmacro %}

{#- The pre-hook: a week that goes on stays, any other one is told whole. -#}
{% macro delete_retold_weeks(reach) -%}
    {%- if goes_on() -%}
    delete from {{ this }}
    where
        fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', reach=reach) }})
        and fiscal_week_start_date not in (
            select fiscal_week_start_date from ({{ week_tails(reach) }}) as week_tail
        )
    {%- else -%}
    {{ delete_changed('fiscal_week_start_date', 'fiscal_week_start_date', reach=reach) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Rows that are told anew are replaced, and those of which nothing is told last up to the last day of
    which their store's stock is known. `lasting` is what that changes in them.
-#}
{% macro go_on_with_weeks(weeks, told, reach, lasting) -%}
    create or replace temporary table week_tail as {{ week_tails(reach) }};

    create or replace temporary table store_week_tail as {{ store_week_tails('week_tail') }};

    delete from {{ weeks }} as week
    using {{ told }} as told
    where
        week.fiscal_week_start_date in (select fiscal_week_start_date from week_tail)
        and week.fiscal_week_start_date = told.fiscal_week_start_date
        and week.store_id = told.store_id
        and week.product_id = told.product_id;

    update {{ weeks }} as week
    set
        {{ lasting | join(',\n        ') }},
        to_date = tail.to_date
    from store_week_tail as tail
    where
        week.fiscal_week_start_date = tail.fiscal_week_start_date
        and week.store_id = tail.store_id
        and week.to_date = {{ add_days('tail.from_date', -1) }};

    insert into {{ weeks }} by name
    from {{ told }};

    drop table store_week_tail;

    drop table week_tail
{%- endmacro %}

{#- A lasting item was known on each day more, and in stock on those on which its store traded. -#}
{% macro get_incremental_stocked_week_sql(arg_dict) -%}
    {{ go_on_with_weeks(arg_dict['target_relation'], arg_dict['temp_relation'], stock_reach(), [
        'known_day_count = week.known_day_count + (tail.to_date - week.to_date)',
        'in_stock_day_count = week.in_stock_day_count'
        ~ ' + case when week.is_in_stock then tail.trading_day_count else 0 end',
        'ranged_day_count = week.ranged_day_count'
        ~ ' + case when week.is_ranged then tail.to_date - week.to_date else 0 end',
    ]) }}
{%- endmacro %}

{#- A lasting item has lain for each day more, and its books may be doubted at last. -#}
{% macro get_incremental_health_week_sql(arg_dict) -%}
    {{ go_on_with_weeks(arg_dict['target_relation'], arg_dict['temp_relation'], lost_sales_reach(), [
        'unsold_days = week.unsold_days + (tail.to_date - week.to_date)',
        'age_days = week.age_days + (tail.to_date - week.to_date)',
    ]) }};

    update {{ arg_dict['target_relation'] }} as week
    set phantom_reason_code = 'silent'
    from {{ ref('stock_parameter') }} as parameter
    where
        week.fiscal_week_start_date in (
            {{ changed_periods('fiscal_week_start_date', reach=lost_sales_reach()) }}
        )
        and week.phantom_reason_code is null
        and {{ is_silent('week') }}
{%- endmacro %}
