{#- How deliveries of stock, in full or as changes, become the stock of each day. -#}

{#-
    Up to which day a changed date is seen in the inventory. It opens the next day's ledger, and what
    it states holds on each day of changes up to the next full extract of the store. Every store
    counts, also one that the date no longer names. Without files of changes it is the next day.
-#}
{% macro stock_reach() -%}
    {%- if names_changed() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {%- set delivered = ref('int_stock__delivered') -%}
    select
        from_date,
        {{ add_days('max(to_date)', 1) }} as to_date
    from (
        select business_date as from_date, business_date as to_date
        from {{ changed }}
        where is_fact_changed

        union all

        select changed.business_date as from_date, delta_day.business_date as to_date
        from {{ changed }} as changed
        inner join (select distinct business_date from {{ delivered }} where has_changes) as delta_day
            on changed.business_date < delta_day.business_date
        cross join (select distinct store_id from {{ delivered }}) as store
        left join {{ delivered }} as full_extract
            on
                store.store_id = full_extract.store_id
                and changed.business_date < full_extract.business_date
                and delta_day.business_date >= full_extract.business_date
                and full_extract.has_full_extract
        where changed.is_fact_changed and full_extract.store_id is null
    ) as reached_day
    group by from_date
    {%- endif -%}
{%- endmacro %}

{#-
    The days of changes that state the stock of each store: those of its part of a period, and the day
    before. `sections` are the parts of periods that are built, by store.
-#}
{% macro stock_delta_days(sections) -%}
    select
        sections.store_id,
        sections.fiscal_period_start_date,
        sections.from_date as first_date,
        delta_date.business_date
    from {{ sections }} as sections
    inner join (
        select distinct business_date from {{ ref('int_stock__delivered') }} where has_changes
    ) as delta_date
        on
            delta_date.business_date >= {{ add_days('sections.from_date', -1) }}
            and delta_date.business_date <= sections.to_date
{%- endmacro %}

{#-
    The deliveries of each store that make the stock of a section: those of its days and, where it
    begins with its period, those of the day before and, where changes are delivered, all since the
    last full extract before. Any other section goes on from the spans that stand.
-#}
{% macro stock_deliveries(sections, delta_days) -%}
    select
        store_day.store_id,
        store_day.business_date,
        store_day.next_full_date,
        section.fiscal_period_start_date,
        section.from_date as first_date,
        section.is_compared
    from (
        select
            store_id,
            business_date,
            min(case when has_full_extract then business_date end) over (
                partition by store_id
                order by business_date nulls last
                rows between 1 following and unbounded following
            ) as next_full_date
        from {{ ref('int_stock__delivered') }}
    ) as store_day
    inner join (
        select
            sections.store_id,
            sections.fiscal_period_start_date,
            sections.from_date,
            sections.to_date,
            sections.is_compared,
            {{ add_days('sections.from_date', -1) }} as opening_date,
            max(delta_days.business_date) as last_delta_date
        from {{ sections }} as sections
        left join {{ delta_days }} as delta_days
            on
                sections.store_id = delta_days.store_id
                and sections.fiscal_period_start_date = delta_days.fiscal_period_start_date
        group by
            sections.store_id,
            sections.fiscal_period_start_date,
            sections.from_date,
            sections.to_date,
            sections.is_compared
    ) as section
        on
            store_day.store_id = section.store_id
            and store_day.business_date <= section.to_date
            and (
                store_day.business_date >= section.from_date
                or (
                    section.from_date = section.fiscal_period_start_date
                    and (
                        store_day.business_date = section.opening_date
                        or (
                            store_day.business_date < section.last_delta_date
                            and (
                                store_day.next_full_date is null
                                or store_day.next_full_date > section.opening_date
                            )
                        )
                    )
                )
            )
{%- endmacro %}

{#-
    Days of changes in a row, by store and period, on all of which it is known what moved in the store,
    or on none of which it is. The day before what is built is a run of its own.
-#}
{% macro quiet_runs(delta_days, movement) -%}
    select
        store_id,
        fiscal_period_start_date,
        min(business_date) as from_date,
        max(business_date) as to_date,
        max(is_after_gap) as is_after_gap
    from (
        select
            *,
            sum(case
                when
                    is_after_gap
                    or is_told <> is_told_before
                    or business_date = first_date
                    then 1
                else 0
            end) over (
                partition by store_id, fiscal_period_start_date
                order by business_date nulls last
                rows between unbounded preceding and current row
            ) as run_number
        from (
            select
                *,
                coalesce(
                    {{ days_between(
                        'lag(business_date) over (partition by store_id, fiscal_period_start_date'
                        ~ ' order by business_date nulls last)', 'business_date'
                    ) }} > 1,
                    true
                ) as is_after_gap,
                lag(is_told) over (
                    partition by store_id, fiscal_period_start_date
                    order by business_date nulls last
                ) as is_told_before
            from (
                select
                    delta_days.*,
                    told.store_id is not null as is_told
                from {{ delta_days }} as delta_days
                left join (select distinct store_id, business_date from {{ movement }}) as told
                    on
                        delta_days.store_id = told.store_id
                        and delta_days.business_date = told.business_date
            ) as store_day
        ) as followed
    ) as numbered
    group by store_id, fiscal_period_start_date, run_number
{%- endmacro %}

{#- What was delivered, by store, item and section. -#}
{% macro arrived_stock(deliveries) -%}
    select
        snapshot.store_id,
        snapshot.product_id,
        deliveries.fiscal_period_start_date,
        deliveries.first_date,
        {%- for measure in stated_measures() %}
        snapshot.{{ measure }},
        {%- endfor %}
        snapshot.is_full_extract,
        snapshot.business_date,
        deliveries.next_full_date,
        deliveries.is_compared
    from {{ ref('stg_stock__snapshot') }} as snapshot
    inner join {{ deliveries }} as deliveries
        on
            snapshot.store_id = deliveries.store_id
            and snapshot.business_date = deliveries.business_date
    {%- if goes_on() %}
    -- Of days of the calendar, which DuckDB knows to be few: it would build on all rows there are.
    where
        snapshot.business_date in (
            select dim_date.date_day from {{ ref('dim_date') }} as dim_date
            where dim_date.date_day in (select stated.business_date from {{ deliveries }} as stated)
        )
    {%- endif -%}
{%- endmacro %}

{#-
    The stock of each store and item in the sections of which it is stated, with the stock of the day
    before, marked is_opening, for the first residual: from business_date to to_date. A row
    states its own day, and every day of changes until the next row of the item or the next full
    extract of the store: a file of changes is silent on what stands as it was. So most days are
    silent, and written out they would be many times the rows that were delivered: what is carried is
    one row a quiet run, and a row a day only where the item moved without a word of the stock or the
    day before is not known. The carried rows are few where all extracts are full: a row that the next
    day's extract replaces cannot be one.
-#}
{% macro delivered_inventory(deliveries, delta_days, movement) -%}
    with

    quiet_run as (

        {{ quiet_runs(delta_days, movement) }}

    ),

    snapshot as (

        {% if goes_on() -%}
        select
            {{ inventory_item() }},
            first_date,
            {{ stated_measures() | join(',\n            ') }},
            is_full_extract,
            business_date,
            next_full_date
        from stirred_item
        where business_date is not null

        union all

        select
            {{ inventory_item() }},
            first_date,
            {{ stated_measures() | join(',\n            ') }},
            true as is_full_extract,
            {{ add_days('first_date', -1) }} as business_date,
            next_full_date
        from standing_span
        {%- else -%}
        {{ arrived_stock(deliveries) }}
        {%- endif %}

    ),

    carried as (

        select
            stated.store_id,
            stated.product_id,
            stated.fiscal_period_start_date,
            stated.first_date,
            {%- for measure in stated_measures() %}
            stated.{{ measure }},
            {%- endfor %}
            greatest(quiet_run.from_date, {{ add_days('stated.business_date', 1) }}) as from_date,
            least(
                quiet_run.to_date,
                coalesce({{ add_days('stated.next_date', -1) }}, quiet_run.to_date),
                coalesce({{ add_days('stated.next_full_date', -1) }}, quiet_run.to_date)
            ) as to_date,
            quiet_run.is_after_gap
            and {{ days_between('stated.business_date', 'quiet_run.from_date') }} > 1 as is_opening_unknown
        from (
            select
                *,
                lead(business_date) over (
                    partition by {{ inventory_item() }}
                    order by business_date nulls last
                ) as next_date
            from snapshot
            where
                not is_full_extract
                or next_full_date is null
                or next_full_date > {{ add_days('business_date', 1) }}
        ) as stated
        inner join quiet_run
            on
                stated.store_id = quiet_run.store_id
                and stated.fiscal_period_start_date = quiet_run.fiscal_period_start_date
                and stated.business_date < quiet_run.to_date
        where
            (
                stated.next_date is null
                or stated.next_date > greatest(
                    quiet_run.from_date, {{ add_days('stated.business_date', 1) }}
                )
            )
            and (
                stated.next_full_date is null
                or stated.next_full_date > greatest(
                    quiet_run.from_date, {{ add_days('stated.business_date', 1) }}
                )
            )

    ),

    unquiet as (

        select distinct
            carried.store_id,
            carried.product_id,
            carried.from_date
        from carried
        inner join {{ movement }} as moved
            on
                carried.store_id = moved.store_id
                and carried.product_id = moved.product_id
                and carried.fiscal_period_start_date = moved.fiscal_period_start_date
                and carried.from_date <= moved.business_date
                and carried.to_date >= moved.business_date
        where moved.movement_quantity <> 0

    ),

    heard as (

        select
            carried.*,
            carried.is_opening_unknown or unquiet.store_id is not null as is_by_day
        from carried
        left join unquiet
            on
                carried.store_id = unquiet.store_id
                and carried.product_id = unquiet.product_id
                and carried.from_date = unquiet.from_date

    )

    select
        {{ inventory_item() }},
        {{ stated_measures() | join(',\n        ') }},
        business_date,
        business_date as to_date,
        business_date < first_date as is_opening
    from snapshot
    where business_date >= {{ add_days('first_date', -1) }}

    union all

    -- One reference to what was heard, since Spark works out each anew.
    select
        heard.store_id,
        heard.product_id,
        heard.fiscal_period_start_date,
        {%- for measure in stated_measures() %}
        heard.{{ measure }},
        {%- endfor %}
        coalesce(delta_days.business_date, heard.from_date) as business_date,
        coalesce(delta_days.business_date, heard.to_date) as to_date,
        heard.from_date < heard.first_date as is_opening
    from heard
    left join {{ delta_days }} as delta_days
        on
            -- Equations, which a hash join can use; a condition beside them would leave none.
            case when heard.is_by_day then heard.store_id end = delta_days.store_id
            and heard.fiscal_period_start_date = delta_days.fiscal_period_start_date
            and heard.from_date <= delta_days.business_date
            and heard.to_date >= delta_days.business_date
{%- endmacro %}
