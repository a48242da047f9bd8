{#-
    Parts of lifecycle_transition. Stages are read by the months in which they came: who was of which
    stage on an eve is a sum over the months before it, and months in which nothing came are read for
    nobody.
-#}

{#-
    How many customers were of which stage before the first change of a month, and after the last one.
    The first stage of all has none before it.
-#}
{% macro stage_moves() -%}
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
        from {{ ref('customer_lifecycle') }}
        group by customer_id, {{ month_start('valid_from_date') }}
    ) as customer_month
    group by month_start_date, from_stage_code, to_stage_code
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
