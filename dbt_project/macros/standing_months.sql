{#-
    How customer_month is made anew, or stands, and with it what other marts found in it. Most nights
    change no month that has ended: then just what is known of a customer today is renewed. A date of an
    ended month that changed, a month that ended, an objection, a first purchase that is another one, a
    cost or a debt that came late, or the first cost of goods make all of it anew, since what a row says
    hangs on what other rows have. Spark makes the marts whole.
-#}
{% macro delete_touched_rows() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }}
    where exists (select 1 from {{ source('history', 'customer_month_version') }} as touched);
    update {{ this }} as standing
    set customer_key = known.customer_key,
        tenure_month
        = {{ months_between_starts('known.acquired_date', 'standing.month_start_date') }}
    from ({{ acquired_customers() }}) as known
    where
        standing.customer_id = known.customer_id
        and (
            standing.customer_key is distinct from known.customer_key
            or standing.tenure_month is distinct from
            {{ months_between_starts('known.acquired_date', 'standing.month_start_date') }}
        )
    {%- endif -%}
{%- endmacro %}

{#- The condition, in customer_month before the night, that it is to be made anew. -#}
{% macro are_months_touched() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {%- set did_say = source('history', 'standing_consent') -%}
    {%- set then_input = source('history', 'customer_month_input') -%}
    {%- set last_end -%} (select max(standing.month_end_date) from {{ this }} as standing) {%- endset -%}
    (
        select count(*)
        from (
            select 1 as reason from {{ changed }}
            where is_fact_changed and business_date <= {{ last_end }}

            union all

            select 1 as reason
            from ({{ ended_months() }}) as ended_month
            having max(ended_month.month_end_date) is distinct from {{ last_end }}

            union all

            select 1 as reason
            from (({{ profiling_objector() }}) except ({{ profiling_objector(did_say) }})) as objected

            union all

            select 1 as reason
            from (({{ profiling_objector(did_say) }}) except ({{ profiling_objector() }})) as allowed

            union all

            select 1 as reason
            from ({{ month_inputs() }}) as now_input
            full join {{ then_input }} as then_input
                on
                    now_input.input_name = then_input.input_name
                    and now_input.month_start_date = then_input.month_start_date
            where
                now_input.input_version is distinct from then_input.input_version
                and coalesce(now_input.month_start_date, then_input.month_start_date) <= {{ last_end }}
        ) as touched
    ) > 0
{%- endmacro %}

{#-
    The condition, in what is made of ended months, that customer_month was made anew tonight. Where it
    does not hold, what stands is what would be found again.
-#}
{% macro are_months_new() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see that customer_month comes first. -#}
    {%- set made_before = ref('customer_month') -%}
    {%- set kept = source('history', 'customer_month_version') -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    exists (select 1 from {{ kept }} as touched)
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

{#-
    The condition, in a test, that a model was made anew tonight: else it stands as it was when it was
    tested. `left` is a table of raw.duckdb that the run leaves empty then; Spark has none.
-#}
{% macro is_made_anew(left) -%}
    {%- if target.type == 'spark' -%}
    (1 = 1)
    {%- else -%}
    exists (select 1 from {{ source('history', left) }} as made_anew)
    {%- endif -%}
{%- endmacro %}

{#-
    dbt's hook for a strategy: all rows are replaced, by rows that may have been read from those that
    stood.
-#}
{% macro get_incremental_all_rows_sql(arg_dict) -%}
    delete from {{ arg_dict['target_relation'] }};
    insert into {{ arg_dict['target_relation'] }} by name
    from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{#- Customers as they are today, with the day of the first purchase. -#}
{% macro acquired_customers() -%}
    select customer.customer_id, customer.customer_key, acquisition.acquired_date
    from {{ ref('dim_customer') }} as customer
    left join {{ ref('fct_acquisition') }} as acquisition
        on customer.customer_id = acquisition.customer_id
    where customer.is_current
{%- endmacro %}

{#- The calendar months that have ended within the data. -#}
{% macro ended_months() -%}
    select
        month_start_date,
        max(date_day) as month_end_date
    from {{ ref('dim_date') }}
    group by month_start_date
    having max(date_day) <= (select max(business_date) from {{ ref('fct_customer_day') }})
{%- endmacro %}

{#-
    What came of a month without a date of it that changed: fingerprints by month of first purchases, of
    cost of service and of receivables, and, before the first month, whether goods have a cost at all.
-#}
{% macro month_inputs() -%}
    select
        'entry' as input_name,
        cohort_month as month_start_date,
        sum(hash(customer_id, entry_store_id, entry_channel)) as input_version
    from ({{ cohort_entries() }}) as entry
    group by cohort_month

    union all

    select
        'service' as input_name,
        {{ month_start('activity_date') }} as month_start_date,
        sum(hash(customer_id, activity_date, activity_name, service_cost_amount)) as input_version
    from {{ ref('fct_service_cost') }}
    group by 2

    union all

    select
        'receivable' as input_name,
        {{ month_start('snapshot_date') }} as month_start_date,
        sum(hash(customer_id, snapshot_date, open_amount, overdue_amount, overdue_cost_amount))
            as input_version
    from {{ ref('fct_receivable_snapshot') }}
    group by 2

    union all

    select
        'cost of goods' as input_name,
        {{ first_valid_date() }} as month_start_date,
        cast(count(*) as hugeint) as input_version
    from (
        select 1 as is_costed from {{ ref('fct_customer_day') }}
        where costed_receipt_count > 0
        limit 1
    ) as costed
{%- endmacro %}

{#- The post-hook: leaves the inputs to the next night. -#}
{% macro keep_month_inputs() -%}
    {%- if target.type != 'spark' and execute -%}
    create schema if not exists raw.history;
    create or replace table {{ source('history', 'customer_month_input') }} as
    {{ month_inputs() }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that the mart is empty: it is built for the first time, or was touched. -#}
{% macro is_to_be_filled() -%}
    {%- if is_incremental() -%}
    not exists (select 1 from {{ this }})
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

{#- Months that have ended within the data; none while the mart stands. Reads the caller's data_span. -#}
{% macro months_to_fill() -%}
    select
        ended_month.month_start_date,
        ended_month.month_end_date,
        data_span.costed_receipt_count > 0 as is_costed
    from ({{ ended_months() }}) as ended_month
    cross join data_span
    where
        ended_month.month_start_date >= {{ month_start('data_span.first_date') }}
        and {{ is_to_be_filled() }}
{%- endmacro %}
