{#-
    How comparable_store_day replaces only the days of stores that can have changed.

    A row hangs on the days of its store up to its own: whether it traded, what it sold last year, since
    when it trades, when it last reopened. It hangs on no later one, so that all from the first changed
    date on is replaced and all before stands. A store that is replaced in dim_store, whose area or
    opening may be another, has all its days made anew. Spark, whose Parquet tables cannot delete rows,
    makes the mart whole.
-#}

{#- The pre-hook. What lies after the last date of the data looked back from dates that are gone. -#}
{% macro delete_touched_store_days() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }}
    where
        business_date >= (select min(business_date) from ({{ changed_periods() }}) as changed)
        or business_date > (select max(business_date) from {{ ref('fct_sales_day') }})
        or store_id in (select store_id from {{ source('history', 'changed_store') }})
    {%- endif -%}
{%- endmacro %}

{#-
    Dates of stores and the dates that look back at them, each once: all of them, or those that do not
    stand as the pre-hook left the mart.
-#}
{% macro store_dates_to_build(store_day) -%}
    select * from (
        -- union and not union all: each of them once
        select store_id, business_date from {{ store_day }}

        union

        select
            {{ store_day }}.store_id,
            dim_date.date_day as business_date
        from {{ store_day }}
        inner join {{ ref('dim_date') }} as dim_date
            on {{ store_day }}.business_date = dim_date.date_ly_aligned
        where dim_date.date_day <= (select max(traded.business_date) from {{ store_day }} as traded)
    ) as store_date
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as standing
        where
            standing.store_id = store_date.store_id
            and standing.business_date = store_date.business_date
    )
    {%- endif -%}
{%- endmacro %}

{#- Days on which a store rang up a receipt, and how many it was closed before. -#}
{% macro trading_days(store_day) -%}
    select
        store_id,
        business_date,
        {{ days_between(
            'lag(business_date) over (partition by store_id order by business_date nulls last)',
            'business_date'
        ) }} - 1 as closed_days
    from {{ store_day }}
    where transaction_count > 0
{%- endmacro %}

{#- Days whose day of last year lies before the store's last reopening after a longer closure. -#}
{% macro reopened_days(trading_day) -%}
    select
        {{ trading_day }}.store_id,
        dim_date.date_day as business_date,
        max({{ trading_day }}.business_date) as last_reopening_date
    from {{ trading_day }}
    cross join {{ ref('comparable_sales_parameter') }} as parameter
    inner join {{ ref('dim_date') }} as dim_date
        on
            {{ trading_day }}.business_date <= dim_date.date_day
            and {{ trading_day }}.business_date > dim_date.date_ly_aligned
    where {{ trading_day }}.closed_days > parameter.max_closed_days
    group by {{ trading_day }}.store_id, dim_date.date_day
{%- endmacro %}
