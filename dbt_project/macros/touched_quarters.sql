{#-
    How gain_loss and revenue_tree replace only the pairs of quarters that changed.

    A pair is made anew where a date of either quarter changed, or where a customer with receipts in one
    of them objects to profiling now and did not, or did and does not: such dates stand as they were.
    Who objected when the warehouse was built is left in raw.duckdb before each run. Most nights change
    dates of a quarter that is in no pair yet, and replace nothing. Spark, whose Parquet tables cannot
    delete rows, makes the marts whole.
-#}

{#- First days of the quarters that changed. -#}
{% macro touched_quarters() -%}
    {%- set objected -%}
    select customer_id from ({{ profiling_objector() }}) as now_objector
    {%- endset -%}
    {%- set did_object -%}
    select customer_id from ({{ profiling_objector(source('history', 'standing_consent')) }})
        as then_objector
    {%- endset -%}
    {{ changed_periods('fiscal_quarter_start_date') }}

    union

    select dim_date.fiscal_quarter_start_date
    from {{ ref('fct_customer_day') }} as customer_day
    inner join {{ ref('dim_date') }} as dim_date on customer_day.business_date = dim_date.date_day
    where customer_day.customer_id in (
        (({{ objected }}) except ({{ did_object }}))
        union all
        (({{ did_object }}) except ({{ objected }}))
    )
{%- endmacro %}

{#- The pre-hook: pairs that changed, and those of which not all receipts are kept any more. -#}
{% macro delete_touched_pairs() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }}
    where
        fiscal_quarter_start_date in ({{ touched_quarters() }})
        or base_quarter_start_date in ({{ touched_quarters() }})
        or (fiscal_quarter_start_date, base_quarter_start_date) not in (
            select (fiscal_quarter_start_date, base_quarter_start_date)
            from ({{ quarter_pairs() }}) as pair
        )
    {%- endif -%}
{%- endmacro %}

{#- The pairs to build: all of them, or those that do not stand as the pre-hook left the mart. -#}
{% macro pairs_to_build() -%}
    select * from ({{ quarter_pairs() }}) as pair
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as standing
        where
            standing.fiscal_quarter_start_date = pair.fiscal_quarter_start_date
            and standing.base_quarter_start_date = pair.base_quarter_start_date
    )
    {%- endif -%}
{%- endmacro %}
