{#-
    How gain_loss and revenue_tree replace only the pairs of quarters that changed.

    A pair is made anew where a date of either quarter changed, or where a customer with receipts in one
    of them objects to profiling now and did not, or did and does not: such dates stand as they were.
    By category it is also made anew where only groups changed, a household or an item's category, or
    where somebody objects in a household that bought in one of them. Who objected when the warehouse
    was built, and in which household, is left in raw.duckdb before each run. Most nights change dates of
    a quarter that is in no pair yet, and replace nothing. Spark, whose Parquet tables cannot delete
    rows, makes the marts whole.
-#}

{#- First days of the quarters that changed. -#}
{% macro touched_quarters(by_category=false) -%}
    {%- set did_say = source('history', 'standing_consent') -%}
    {{ changed_periods('fiscal_quarter_start_date', facts_only=not by_category) }}

    union

    select dim_date.fiscal_quarter_start_date
    from {{ ref('fct_customer_day') }} as customer_day
    inner join {{ ref('dim_date') }} as dim_date on customer_day.business_date = dim_date.date_day
    where customer_day.customer_id in (
        {{ found_by_one('customer_id', profiling_objector(), profiling_objector(did_say)) }}
    )
    {%- if by_category %}

    union

    select fiscal_quarter_start_date
    from {{ ref('household_habit') }}
    where household_id in (
        {{ found_by_one(
            'household_id', objecting_household(), profiling_objector(did_say, 'household_id')
        ) }}
    )
    {%- endif -%}
{%- endmacro %}

{#- What one of two queries of a column finds and the other one does not. -#}
{% macro found_by_one(column, first, second) -%}
    {%- for these, others in [(first, second), (second, first)] %}
    (
        select {{ column }} from ({{ these }}) as these
        except
        select {{ column }} from ({{ others }}) as others
    )
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The pre-hook: pairs that changed, and those of which not all receipts are kept any more. -#}
{% macro delete_touched_pairs(by_category=false) -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }}
    where
        fiscal_quarter_start_date in ({{ touched_quarters(by_category) }})
        or base_quarter_start_date in ({{ touched_quarters(by_category) }})
        or (fiscal_quarter_start_date, base_quarter_start_date) not in (
            select (fiscal_quarter_start_date, base_quarter_start_date)
            from ({{ quarter_pairs() }}) as pair
        )
    {%- endif -%}
{%- endmacro %}

{#- The pairs to build: all of them, or those that do not stand as the pre-hook left the mart. -#}
{% macro pairs_to_build() -%}
    select * from ({{ adapter.dispatch('pairs_asked_once', 'tillhouse')() }}) as pair
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as standing
        where
            standing.fiscal_quarter_start_date = pair.fiscal_quarter_start_date
            and standing.base_quarter_start_date = pair.base_quarter_start_date
    )
    {%- endif -%}
{%- endmacro %}

{#-
    All pairs. Spark would find them anew for each of the many references to what they choose, so it is
    given them by name, as it is given dates by asked_once.
-#}
{% macro duckdb__pairs_asked_once() -%}
    {{ quarter_pairs() }}
{%- endmacro %}

{% macro spark__pairs_asked_once() -%}
    {%- set columns = [
        'fiscal_quarter_code', 'fiscal_quarter_start_date', 'basis_code', 'base_quarter_start_date'
    ] -%}
    {%- set pairs = run_query(quarter_pairs()).rows if execute else [] -%}
    {%- for pair in pairs %}
    select
        '{{ pair[columns[0]] }}' as {{ columns[0] }},
        date '{{ pair[columns[1]] }}' as {{ columns[1] }},
        '{{ pair[columns[2]] }}' as {{ columns[2] }},
        date '{{ pair[columns[3]] }}' as {{ columns[3] }}
    {{ 'union all' if not loop.last }}
    {%- else -%}
    {{ quarter_pairs() }}
    {%- endfor -%}
{%- endmacro %}
