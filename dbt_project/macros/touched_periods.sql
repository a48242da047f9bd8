{#-
    How store_performance replaces only the days, weeks and periods that changed.

    Last year's sales, a target, a stock count or a store's opening reach rows of dates on which nothing
    was sold or corrected. So the night that builds the mart leaves fingerprints by date of all that it
    read, and the next one replaces the periods with a date that has another one. States are compared, so
    that it does not matter what changed them. What reaches all rows has a date before all others: a
    store's versions, its cluster, and whether it ever told an exception of its tills. Spark, whose
    Parquet tables cannot delete rows, makes the mart whole.
-#}

{#-
    Fingerprints of what the mart reads, by the date of the rows that it reaches. Of relations with a
    date whole rows, so that a column which is read one day is not forgotten here.
-#}
{% macro store_period_inputs() -%}
    {%- for relation, date in [
        ('comparable_store_day', 'business_date'), ('missing_store_day', 'business_date'),
        ('fct_sales_day', 'business_date'), ('fct_traffic', 'business_date'),
        ('fct_labour', 'business_date'), ('fct_register_session', 'business_date'),
        ('fct_target', 'business_date'), ('fct_pos_exception', 'business_date'),
        ('fct_stock_day', 'business_date'), ('store_stock_week', 'fiscal_week_start_date')
    ] %}
    select
        '{{ relation }}' as input_name,
        {{ date }} as input_date,
        sum(hash(told)) as input_version
    from {{ ref(relation) }} as told
    group by {{ date }}

    union all
    {% endfor %}
    -- the stock of an evening is what the next day begins with
    select
        'opening' as input_name,
        {{ add_days('business_date', 1) }} as input_date,
        sum(hash(told)) as input_version
    from {{ ref('fct_stock_day') }} as told
    group by business_date

    union all

    -- a store has the days from its first sale to the last date of the chain
    select
        'first sale' as input_name,
        first_date as input_date,
        sum(hash(store_id)) as input_version
    from (
        select store_id, min(business_date) as first_date from {{ ref('fct_sales_day') }}
        group by store_id
    ) as sold
    group by first_date

    union all

    select
        'calendar' as input_name,
        date_day as input_date,
        cast(1 as hugeint) as input_version
    from {{ ref('dim_date') }}
    where date_day <= (select max(business_date) from {{ ref('fct_sales_day') }})

    union all

    select
        'store' as input_name,
        {{ first_valid_date() }} as input_date,
        sum(hash(
            store_id, store_key, cluster_code, selling_area_m2, valid_from_date, valid_to_date
        )) as input_version
    from {{ ref('dim_store') }}

    union all

    select
        'cluster' as input_name,
        {{ first_valid_date() }} as input_date,
        sum(hash(store_id, cluster_code)) as input_version
    from {{ ref('store_cluster') }}

    union all

    select
        'told exceptions' as input_name,
        {{ first_valid_date() }} as input_date,
        sum(hash(store_id)) as input_version
    from (select distinct store_id from {{ ref('fct_pos_exception') }}) as teller
{%- endmacro %}

{#- The pre-hook: rows of the periods with a date whose inputs are others now. -#}
{% macro delete_touched_periods() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }}
    where (period_grain, period_start_date) in (
        with touched as (
            select coalesce(now_input.input_date, then_input.input_date) as input_date
            from ({{ store_period_inputs() }}) as now_input
            full join {{ source('history', 'store_performance_input') }} as then_input
                on
                    now_input.input_name = then_input.input_name
                    and now_input.input_date = then_input.input_date
            where now_input.input_version is distinct from then_input.input_version
        )
        select (period_grain, period_start_date)
        from ({{ reporting_periods() }}) as reporting_period
        where
            date_day in (select input_date from touched)
            or {{ first_valid_date() }} in (select input_date from touched)
    )
    {%- endif -%}
{%- endmacro %}

{#- The post-hook: leaves the inputs to the next night. -#}
{% macro keep_store_period_inputs() -%}
    {%- if target.type != 'spark' and execute -%}
    {%- call leave_table('store_performance_input') -%}{{ store_period_inputs() }}{%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{#- The reporting periods to build: all of them, or those of which the pre-hook left no rows. -#}
{% macro periods_to_build() -%}
    {%- if is_incremental() -%}
    select * from ({{ reporting_periods() }}) as period
    where not exists (
        select 1 from {{ this }} as standing
        where
            standing.period_grain = period.period_grain
            and standing.period_start_date = period.period_start_date
    )
    {%- else -%}
    {{ reporting_periods() }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that a date is in a period to build. Reads the caller's reporting_period. -#}
{% macro is_in_period_to_build(column) -%}
    {%- if is_incremental() -%}
    {{ column }} in (select reporting_period.date_day from reporting_period)
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}
