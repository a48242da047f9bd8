{#-
    How customer_month is replaced from the first touched month on, and what is made of it with it. Most
    nights change no month that has ended: then just what is known of a customer today is renewed. A date
    of an ended month that changed, a month that ended, an objection, a first purchase that is another
    one, a cost or a debt that came late touch a month; the first cost that any feed tells, which is zero
    for all others, touches all. What a row says hangs on its own month and on those before, so that the
    months before the first touched one stand; but for the gap of who comes again after more than a
    year, which is filled when he comes and emptied when his receipt goes. Spark makes the marts whole.
-#}

{#-
    The first pre-hook of customer_month: leaves the first touched month, and the months as they stand,
    in raw.duckdb. Where the mart stands neither has a row; a full build touches all months.
-#}
{% macro keep_standing_months() -%}
    {%- if target.type != 'spark' -%}
    {%- set change = source('history', 'customer_month_change') -%}
    {%- call leave_table('customer_month_change') -%}
    {%- if names_changed() -%}
    select
        min(month_start_date) as replaced_from_month,
        cast(null as date) as changed_from_month
    from ({{ touched_inputs() }}) as touched
    having count(*) > 0
    {%- else -%}
    select
        {{ first_valid_date() }} as replaced_from_month,
        cast(null as date) as changed_from_month
    {%- endif -%}
    {%- endcall -%};
    {% call leave_table('customer_month_version') -%}
    {%- if names_changed() -%}
    {{ month_versions(this, 'exists (select 1 from ' ~ change ~ ')') }}
    {%- else -%}
    select
        cast(null as date) as month_start_date,
        cast(null as hugeint) as month_version
    where 1 = 0
    {%- endif -%}
    {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{#- Months, in customer_month before the night, that something of tonight touches. -#}
{% macro touched_inputs() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {%- set did_say = source('history', 'standing_consent') -%}
    {%- set then_input = source('history', 'customer_month_input') -%}
    {%- set last_end -%} (select max(standing.month_end_date) from {{ this }} as standing) {%- endset -%}
    select {{ month_start('business_date') }} as month_start_date
    from {{ changed }}
    where is_fact_changed and business_date <= {{ last_end }}

    union all

    -- months ended, or do not end within the data any more
    select
        case
            when now_end.month_end_date is null or then_end.month_end_date is null
                then {{ first_valid_date() }}
            else {{ add_days('least(now_end.month_end_date, then_end.month_end_date)', 1) }}
        end as month_start_date
    from (select max(month_end_date) as month_end_date from ({{ ended_months() }}) as ended) as now_end
    cross join (select max(month_end_date) as month_end_date from {{ this }}) as then_end
    where now_end.month_end_date is distinct from then_end.month_end_date

    union all

    select month_start_date
    from {{ this }}
    where customer_id in (({{ profiling_objector() }}) except ({{ profiling_objector(did_say) }}))

    union all

    select {{ month_start('business_date') }} as month_start_date
    from {{ ref('fct_customer_day') }}
    where customer_id in (({{ profiling_objector(did_say) }}) except ({{ profiling_objector() }}))

    union all

    select coalesce(now_input.month_start_date, then_input.month_start_date) as month_start_date
    from ({{ month_inputs() }}) as now_input
    full join {{ then_input }} as then_input
        on
            now_input.input_name = then_input.input_name
            and now_input.month_start_date = then_input.month_start_date
    where
        now_input.input_version is distinct from then_input.input_version
        and coalesce(now_input.month_start_date, then_input.month_start_date) <= {{ last_end }}
{%- endmacro %}

{#-
    The second pre-hook. What is left of a gap is emptied where nothing comes after it any more. What is
    known of a customer today is renewed where rows stand.
-#}
{% macro delete_touched_rows() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }} where {{ is_replaced_month('month_start_date') }};
    delete from {{ this }} as standing
    using ({{ customer_spans('(' ~ bought_months() ~ ')') }}) as customer_span
    where
        standing.customer_id = customer_span.customer_id
        and standing.month_start_date > customer_span.last_month;
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
