{#-
    Parts of lifecycle_transition. Stages are read by the months in which they came: who was of which
    stage on an eve is a sum over the months before it, and months in which nothing came are read for
    nobody.

    Each number is a sum over customers. A night takes off what customers counted whose stages
    customer_lifecycle made anew, and adds what they count now. Where a month ended, or is no longer one
    that has, all is counted again, as Spark always does.
-#}

{#-
    How many customers were of which stage before the first change of a month, and after the last one.
    The first stage of all has none before it. `asked` is the condition of the rows that are read.
-#}
{% macro stage_moves(relation, asked) -%}
    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        count(*) as customer_count
    from (
        select
            customer_id,
            {{ month_start('valid_from_date') }} as month_start_date,
            min_by(previous_stage_code, valid_from_date) as from_stage_code,
            max_by(lifecycle_stage_code, valid_from_date) as to_stage_code
        from {{ relation }}
        where {{ asked }}
        group by customer_id, {{ month_start('valid_from_date') }}
    ) as customer_month
    group by month_start_date, from_stage_code, to_stage_code
{%- endmacro %}

{#- The moves to count, beside the months that stand. Expects the CTE ended_month. -#}
{% macro stage_moves_to_count() -%}
    {%- set lifecycle = ref('customer_lifecycle') -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see the dependencies. -#}
    {%- set then_move = source('history', 'standing_stage_move') -%}
    {%- set changed = is_stage_changed() -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    {{ stage_moves(lifecycle, 'not (' ~ are_months_standing() ~ ') or ' ~ changed) }}

    union all

    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        -customer_count as customer_count
    from {{ then_move }}
    where {{ are_months_standing() }}
    {%- else -%}
    {{ stage_moves(lifecycle, '1 = 1') }}
    {%- endif -%}
{%- endmacro %}

{#- What the months that stand counted. Expects the CTE ended_month. -#}
{% macro standing_transitions() -%}
    {%- if is_incremental() %}

    union all

    select
        month_start_date,
        from_stage_code,
        to_stage_code,
        customer_count
    from {{ this }}
    where {{ are_months_standing() }}
    {%- endif -%}
{%- endmacro %}

{#-
    The condition that the months which ended are those that stand, and that it is known how customers
    had moved. Expects the CTE ended_month.
-#}
{% macro are_months_standing() -%}
    (
        select count(*) = 0
        from (
            select month_start_date from {{ this }}
            union
            select month_start_date from {{ source('history', 'standing_stage_move') }}
            where month_start_date is null
        ) as then_month
        full join ended_month on then_month.month_start_date = ended_month.month_start_date
        where then_month.month_start_date is null or ended_month.month_start_date is null
    )
{%- endmacro %}

{#- How many came to a stage in a month, less those who left it. Expects the CTE moved. -#}
{% macro stage_balances() -%}
    select
        month_start_date,
        to_stage_code as stage_code,
        customer_count
    from moved

    union all

    select
        month_start_date,
        from_stage_code as stage_code,
        -customer_count as customer_count
    from moved
    where from_stage_code is not null
{%- endmacro %}
