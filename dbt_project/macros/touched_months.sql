{#-
    How customer_value replaces only the months from the first one on of which its inputs changed.

    A month's ranks are of the twelve months before it, and its tiers follow those before, so that what
    changed in a month is seen in all later ones and in none before. Before customer_month is built, its
    pre-hook leaves a fingerprint of each of its months in raw.duckdb; a month is touched where that of
    the new rows is another one, or where a date of it changed, since cycles count days. States are
    compared, so that it does not matter whether a late receipt, an objection, a merge or a cost that
    comes late changed them. Spark, whose Parquet tables cannot delete rows, makes the mart whole.
-#}

{#- A fingerprint by month of what ranks and sums of a year are made of, where the condition holds. -#}
{% macro month_versions(relation, condition) -%}
    select
        month_start_date,
        sum(hash(
            customer_id, net_amount, margin_amount, unit_count, receipt_count,
            costed_receipt_count, transaction_count, purchase_day_count, last_purchase_date,
            service_cost_amount, overdue_cost_amount, open_amount, overdue_amount
        )) as month_version
    from {{ relation }}
    where {{ condition }}
    group by month_start_date
{%- endmacro %}

{#- The first post-hook of customer_month: the first month of which rows are others now. -#}
{% macro keep_changed_month() -%}
    {%- if target.type != 'spark' -%}
    update {{ source('history', 'customer_month_change') }}
    set changed_from_month = (
        select min(coalesce(now_month.month_start_date, then_month.month_start_date))
        from (
            {{ month_versions(this, 'exists (select 1 from '
                ~ source('history', 'customer_month_change') ~ ')') }}
        ) as now_month
        full join {{ source('history', 'customer_month_version') }} as then_month
            on now_month.month_start_date = then_month.month_start_date
        where now_month.month_version is distinct from then_month.month_version
    )
    {%- endif -%}
{%- endmacro %}

{#- The first month to replace; NULL where none is. -#}
{% macro first_touched_month() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see the dependency. -#}
    {%- set change = source('history', 'customer_month_change') -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    select min(month_start_date) as from_month
    from (
        select changed_from_month as month_start_date from {{ change }}

        union all

        select {{ month_start('business_date') }} as month_start_date
        from {{ changed }}
        where
            is_fact_changed
            and business_date <= (select max(month_end_date) from {{ ref('customer_month') }})
    ) as touched_month
    {%- endif -%}
{%- endmacro %}

{#-
    The CTE touched: months from two years before the first one to replace, with how many they come
    before it. A full build has none.
-#}
{% macro touched_months() -%}
    {%- set first_month = first_touched_month() -%}
    {%- if names_changed() -%}
    {%- set dim_date = ref('dim_date') -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    touched as (
    select distinct
        dim_date.month_start_date,
        {{ months_between_starts('dim_date.month_start_date', 'first_month.from_month') }}
            as months_before
    from {{ dim_date }} as dim_date
    inner join ({{ first_month }}) as first_month
        on dim_date.month_start_date >= {{ add_months('first_month.from_month', -24) }}
    ),
    {%- endif -%}
{%- endmacro %}

{#-
    The condition that rows are of touched months, or of so many months before the first of them.
    Expects the CTE touched. Not a comparison with the first month, for which DuckDB would sort.
-#}
{% macro is_read_for_touched(month, month_count=0) -%}
    {%- if is_incremental() -%}
    {{ month }} in (
        select touched.month_start_date from touched where touched.months_before <= {{ month_count }}
    )
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

{#-
    The pre-hook of customer_value. What is known of a customer today, and ranks nobody, is renewed in
    the rows that stand.
-#}
{% macro delete_touched_months() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }} where month_end_date >= ({{ first_touched_month() }});
    update {{ this }} as standing
    set customer_key = known.customer_key,
        is_new_customer = {{ is_new('standing.month_end_date') }}
    from ({{ acquired_customers() }}) as known
    where
        standing.customer_id = known.customer_id
        and (
            standing.customer_key is distinct from known.customer_key
            or standing.is_new_customer is distinct from {{ is_new('standing.month_end_date') }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Whether a known customer's first purchase was within the twelve months that end with the date. -#}
{% macro is_new(month_end_date) -%}
    ({{ months_between_starts('known.acquired_date', month_start(month_end_date)) }} < 12)
{%- endmacro %}
