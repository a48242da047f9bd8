{#- Which weeks say how fast an item sells in a store, and which a change touches. -#}

{#- How many days before a week say how fast an item sells in it: eight weeks (M16). -#}
{% macro rate_days() -%}
    56
{%- endmacro %}

{#-
    The spans of days whose stock, sales or item's category changed: stock is seen later than it came,
    see stock_reach.
-#}
{% macro changed_stock_spans() -%}
    {{ stock_reach() }}

    union all

    select business_date as from_date, business_date as to_date
    from {{ source('ledger', 'changed_business_date') }}
    where not is_fact_changed
{%- endmacro %}

{#-
    Up to which day a changed date is seen in what is told of a week: its own week, and those whose
    rate it is a part of.
-#}
{% macro store_item_reach() -%}
    {%- if names_changed() -%}
    select
        from_date,
        {{ add_days('to_date', rate_days()) }} as to_date
    from ({{ changed_stock_spans() }}) as changed_span
    {%- endif -%}
{%- endmacro %}

{#-
    The same for the rates themselves, which a date of their own week does not change. So most nights
    leave them as they are; the first one of a week makes those of the week.
-#}
{% macro store_item_rate_reach() -%}
    {%- if names_changed() -%}
    select
        {{ add_days('from_date', 7) }} as from_date,
        {{ add_days('to_date', rate_days()) }} as to_date
    from ({{ changed_stock_spans() }}) as changed_span

    union all

    select
        dim_date.date_day as from_date,
        dim_date.date_day as to_date
    from {{ ref('dim_date') }} as dim_date
    inner join ({{ changed_stock_spans() }}) as changed_span
        on dim_date.date_day between changed_span.from_date and changed_span.to_date
    left join (select distinct fiscal_week_start_date from {{ this }}) as standing
        on dim_date.fiscal_week_start_date = standing.fiscal_week_start_date
    where standing.fiscal_week_start_date is null
    {%- endif -%}
{%- endmacro %}

{#-
    The weeks that say how fast an item sells in a week. Named one by one: an equation finds them among
    millions of rows, where a span of dates would read all. Expects the CTE week.
-#}
{% macro weeks_before_week() -%}
    select week.fiscal_week_start_date, dim_date.date_day as week_before_date
    from week
    inner join {{ ref('dim_date') }} as dim_date
        on
            week.fiscal_week_start_date > dim_date.date_day
            and dim_date.date_day >= {{ add_days('week.fiscal_week_start_date', '-' ~ rate_days()) }}
            and dim_date.date_day = dim_date.fiscal_week_start_date
{%- endmacro %}
