{#-
    How a night goes on with the spans of stock that stand.

    What changed on a date is seen from that date on and never before it. So of a fiscal period just
    what follows is built anew, from the spans that reach up to the day before: a full build equals any
    sequence of nights. Most items are then as they were, and their spans get another last day, which
    DuckDB writes without touching the other columns. Spark, whose Parquet tables cannot be changed
    in place, rewrites whole periods.
-#}
{% macro goes_on() -%}
    {{ return(is_incremental() and target.type == 'duckdb') }}
{%- endmacro %}

{#- The first date of each fiscal period on which its stock may be another. -#}
{% macro reached_periods() -%}
    select
        dim_date.fiscal_period_start_date,
        min(dim_date.date_day) as from_date
    from {{ ref('dim_date') }} as dim_date
    inner join ({{ stock_reach() }}) as reach
        on dim_date.date_day between reach.from_date and reach.to_date
    group by dim_date.fiscal_period_start_date
{%- endmacro %}

{#-
    From which day on the stock of a store is built anew in a period, and up to which it is known
    there. It begins after the last day before the reached one of which the store's stock is known, so
    that days without any between the two are told anew; without such a day it begins with the period.
    Changes of any store state all that ever delivered.
-#}
{% macro stock_tail() -%}
    select
        store.store_id,
        period.fiscal_period_start_date,
        coalesce(
            {{ add_days(
                'max(case when stated.business_date < period.from_date then stated.business_date end)',
                1
            ) }},
            period.fiscal_period_start_date
        ) as from_date,
        max(stated.business_date) as to_date
    from ({{ reached_periods() }}) as period
    cross join (
        select store_id, min(business_date) as first_date
        from (
            select store_id, business_date from {{ ref('int_stock__delivered') }}

            union all

            select distinct store_id, cast(null as date) as business_date from {{ this }}
            where fiscal_period_start_date in (
                select reached.fiscal_period_start_date from ({{ reached_periods() }}) as reached
            )
        ) as known_store
        group by store_id
    ) as store
    left join (
        select delivered.store_id, delivered.business_date, day.fiscal_period_start_date
        from {{ ref('int_stock__delivered') }} as delivered
        inner join {{ ref('dim_date') }} as day on delivered.business_date = day.date_day

        union all

        select every_store.store_id, delta_day.business_date, delta_day.fiscal_period_start_date
        from (
            select distinct delivered.business_date, day.fiscal_period_start_date
            from {{ ref('int_stock__delivered') }} as delivered
            inner join {{ ref('dim_date') }} as day on delivered.business_date = day.date_day
            where delivered.has_changes
        ) as delta_day
        cross join (select distinct store_id from {{ ref('int_stock__delivered') }}) as every_store
    ) as stated
        on
            period.fiscal_period_start_date = stated.fiscal_period_start_date
            and store.store_id = stated.store_id
            and store.first_date <= stated.business_date
    group by store.store_id, period.fiscal_period_start_date
{%- endmacro %}

{#-
    The days that are built of each store and period: of a full build all of a period, else what
    follows on the spans that stand. One new day, as of most nights, is compared with them first.
-#}
{% macro stock_sections() -%}
    {%- if goes_on() -%}
    select
        tail.store_id,
        tail.fiscal_period_start_date,
        tail.from_date,
        tail.to_date,
        tail.from_date > tail.fiscal_period_start_date as is_continued,
        tail.from_date > tail.fiscal_period_start_date and tail.from_date = tail.to_date
            as is_compared,
        min(full_extract.business_date) as next_full_date
    from ({{ stock_tail() }}) as tail
    left join {{ ref('int_stock__delivered') }} as full_extract
        on
            tail.store_id = full_extract.store_id
            and tail.from_date <= full_extract.business_date
            and full_extract.has_full_extract
    where tail.from_date <= tail.to_date
    group by tail.store_id, tail.fiscal_period_start_date, tail.from_date, tail.to_date
    {%- else -%}
    select
        store.store_id,
        dim_date.fiscal_period_start_date,
        dim_date.fiscal_period_start_date as from_date,
        max(dim_date.date_day) as to_date,
        false as is_compared
    from {{ ref('dim_date') }} as dim_date
    cross join (select distinct store_id from {{ ref('int_stock__delivered') }}) as store
    where {{ is_changed(
        'dim_date.fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
    ) }}
    group by store.store_id, dim_date.fiscal_period_start_date
    {%- endif -%}
{%- endmacro %}

{#- The spans that stand on the day before a section, with what holds of its days. -#}
{% macro spans_to_go_on(sections) -%}
    select
        span.*,
        sections.from_date as first_date,
        sections.to_date as last_date,
        sections.next_full_date,
        sections.is_compared
    from {{ this }} as span
    inner join {{ sections }} as sections
        on
            span.store_id = sections.store_id
            and span.fiscal_period_start_date = sections.fiscal_period_start_date
            and span.from_date < sections.from_date
            and span.to_date >= {{ add_days('sections.from_date', -1) }}
    where sections.is_continued
{%- endmacro %}

{#-
    What was delivered of the sections, without the items of which the one new day says what the day
    before did: in the stock and in the residual of the ledger, under the same version of store and
    item. These just stand for one day more, and are not looked at again. An item that is gone has
    a row without a date. One reference to what was delivered, or DuckDB would hold all of it at hand.
-#}
{% macro stirred_items(sections, deliveries, movement) -%}
    select
        coalesce(stated.store_id, standing.store_id) as store_id,
        coalesce(stated.product_id, standing.product_id) as product_id,
        coalesce(stated.fiscal_period_start_date, standing.fiscal_period_start_date)
            as fiscal_period_start_date,
        coalesce(stated.first_date, standing.first_date) as first_date,
        {%- for measure in stated_measures() %}
        stated.{{ measure }},
        {%- endfor %}
        stated.is_full_extract,
        stated.business_date,
        stated.next_full_date
    from ({{ arrived_stock(deliveries) }}) as stated
    full outer join (
        select
            span.*,
            span.next_full_date is null or span.next_full_date > span.first_date as is_carried,
            coalesce(store.valid_to_date >= span.last_date, false)
            and coalesce(product.valid_to_date >= span.last_date, false) as is_same_version
        from ({{ spans_to_go_on(sections) }}) as span
        left join {{ ref('dim_store') }} as store on span.store_key = store.store_key
        left join {{ ref('dim_product') }} as product on span.product_key = product.product_key
        where span.is_compared
    ) as standing
        on
            case when stated.is_compared then stated.store_id end = standing.store_id
            and stated.product_id = standing.product_id
            and stated.fiscal_period_start_date = standing.fiscal_period_start_date
    left join {{ movement }} as moved
        on
            standing.store_id = moved.store_id
            and standing.product_id = moved.product_id
            and standing.first_date = moved.business_date
    left join (select distinct store_id, business_date from {{ movement }}) as moved_store
        on
            standing.store_id = moved_store.store_id
            and standing.first_date = moved_store.business_date
    where
        standing.store_id is null
        or not standing.is_same_version
        or (stated.store_id is null and not standing.is_carried)
        {%- for measure in stated_measures() %}
        or (
            stated.store_id is not null
            and {{ differs('stated.' ~ measure, 'standing.' ~ measure) }}
        )
        {%- endfor %}
        or {{ differs(
            'case when moved_store.store_id is not null then standing.on_hand_quantity'
            ~ ' + coalesce(moved.movement_quantity, 0) - standing.on_hand_quantity end',
            'standing.residual_quantity'
        ) }}
{%- endmacro %}

{#- The CTEs of the spans to go on with, stirred_item and standing_span; a full build has none. -#}
{% macro items_to_go_on(sections, deliveries, movement) -%}
    {%- if goes_on() -%}
    stirred_item as (

        {{ stirred_items(sections, deliveries, movement) }}

    ),

    standing_span as (

        select span.*
        from ({{ spans_to_go_on(sections) }}) as span
        left join (
            select distinct {{ inventory_item() }} from stirred_item
        ) as stirred_item
            on
                span.store_id = stirred_item.store_id
                and span.product_id = stirred_item.product_id
                and span.fiscal_period_start_date = stirred_item.fiscal_period_start_date
        where not span.is_compared or stirred_item.store_id is not null

    ),
    {%- endif -%}
{%- endmacro %}

{#- Those spans up to the day before, beside what is told of the days after it. -#}
{% macro standing_stock() -%}
    {%- if goes_on() %}

    union all

    select
        {{ inventory_item() }},
        from_date as business_date,
        {{ add_days('first_date', -1) }} as to_date,
        {{ inventory_measures() | join(',\n        ') }}
    from standing_span
    {%- endif -%}
{%- endmacro %}

{#- The condition that a span does not just last: of such a one the strategy moves the last day. -#}
{% macro told_anew(spans, sections) -%}
    {%- if goes_on() -%}
    where not exists (
        select {{ sections }}.store_id
        from {{ sections }}
        where
            {{ spans }}.store_id = {{ sections }}.store_id
            and {{ spans }}.fiscal_period_start_date = {{ sections }}.fiscal_period_start_date
            and {{ spans }}.from_date < {{ sections }}.from_date
            and {{ spans }}.to_date = {{ sections }}.to_date
    )
    {%- endif -%}
{%- endmacro %}

{#- The pre-hook. DuckDB puts the spans where they belong when they are told, see the strategy. -#}
{% macro delete_rewritten_stock() -%}
    {%- if target.type == 'spark' -%}
    {{ delete_changed(
        'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
    ) }}
    {%- endif -%}
{%- endmacro %}

{#-
    What follows on a tail is gone, spans that are told anew are replaced, and those of which nothing
    is told last up to the last day of which their store's stock is known. The tail is a table, so that
    DuckDB looks it up for each span: the other way round the update takes 50 times as long.
-#}
{% macro get_incremental_stock_tail_sql(arg_dict) -%}
    {%- set spans = arg_dict['target_relation'] -%}
    {%- set told = arg_dict['temp_relation'] %}
    create or replace temporary table stock_tail as {{ stock_tail() }};

    delete from {{ spans }} as span
    using stock_tail as tail
    where
        span.store_id = tail.store_id
        and span.fiscal_period_start_date = tail.fiscal_period_start_date
        and span.from_date >= tail.from_date;

    delete from {{ spans }} as span
    using {{ told }} as told
    where
        span.fiscal_period_start_date = told.fiscal_period_start_date
        and span.store_key = told.store_key
        and span.product_key = told.product_key
        and span.from_date = told.from_date;

    update {{ spans }} as span set to_date = tail.to_date
    from stock_tail as tail
    where
        span.store_id = tail.store_id
        and span.fiscal_period_start_date = tail.fiscal_period_start_date
        and span.to_date >= {{ add_days('tail.from_date', -1) }}
        and span.to_date <> tail.to_date;

    insert into {{ spans }} by name
    from {{ told }};

    drop table stock_tail
{%- endmacro %}
