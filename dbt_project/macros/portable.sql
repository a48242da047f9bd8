{#- The whole difference between DuckDB and Spark in the models. Everything else is ANSI SQL. -#}

{#- dbt's safe_cast is a plain cast on both engines, which raises: the root project wins the dispatch. -#}
{% macro duckdb__safe_cast(field, type) %}try_cast({{ field }} as {{ type }}){% endmacro %}
{% macro spark__safe_cast(field, type) %}try_cast({{ field }} as {{ type }}){% endmacro %}

{#- Whole days from one date to a later one. -#}
{% macro days_between(from_date, to_date) %}
    {{- adapter.dispatch('days_between', 'tillhouse')(from_date, to_date) -}}
{% endmacro %}
{% macro duckdb__days_between(from_date, to_date) -%}
    cast(date_diff('day', cast({{ from_date }} as date), cast({{ to_date }} as date)) as bigint)
{%- endmacro %}
{% macro spark__days_between(from_date, to_date) -%}
    cast(datediff(cast({{ to_date }} as date), cast({{ from_date }} as date)) as bigint)
{%- endmacro %}

{#- A date moved by a whole number of days, which may be an expression. -#}
{% macro add_days(date_expression, day_count) %}
    {{- adapter.dispatch('add_days', 'tillhouse')(date_expression, day_count) -}}
{% endmacro %}
{% macro duckdb__add_days(date_expression, day_count) -%}
    (cast({{ date_expression }} as date) + cast({{ day_count }} as integer))
{%- endmacro %}
{% macro spark__add_days(date_expression, day_count) -%}
    date_add(cast({{ date_expression }} as date), cast({{ day_count }} as int))
{%- endmacro %}

{#- A date moved by whole months; the day is held at the end of a shorter month. -#}
{% macro add_months(date_expression, month_count) %}
    {{- adapter.dispatch('add_months', 'tillhouse')(date_expression, month_count) -}}
{% endmacro %}
{% macro duckdb__add_months(date_expression, month_count) -%}
    cast(cast({{ date_expression }} as date) + to_months(cast({{ month_count }} as integer)) as date)
{%- endmacro %}
{% macro spark__add_months(date_expression, month_count) -%}
    add_months(cast({{ date_expression }} as date), cast({{ month_count }} as int))
{%- endmacro %}

{#- Months from the month of one date to the month of another. -#}
{% macro months_between_starts(from_date, to_date) -%}
    cast(
        (extract(year from {{ to_date }}) - extract(year from {{ from_date }})) * 12
        + (extract(month from {{ to_date }}) - extract(month from {{ from_date }}))
    as bigint)
{%- endmacro %}

{#- 1 = Monday ... 7 = Sunday. -#}
{% macro iso_day_of_week(date_expression) %}
    {{- adapter.dispatch('iso_day_of_week', 'tillhouse')(date_expression) -}}
{% endmacro %}
{% macro duckdb__iso_day_of_week(date_expression) -%}
    cast(isodow({{ date_expression }}) as bigint)
{%- endmacro %}
{% macro spark__iso_day_of_week(date_expression) -%}
    cast(weekday({{ date_expression }}) + 1 as bigint)
{%- endmacro %}

{#- The first day of the calendar month. -#}
{% macro month_start(date_expression) -%}
    cast(date_trunc('month', {{ date_expression }}) as date)
{%- endmacro %}

{#- A query of every day from one literal date to another, both included, as date_day. -#}
{% macro day_series(from_date, to_date) %}
    {{- adapter.dispatch('day_series', 'tillhouse')(from_date, to_date) -}}
{% endmacro %}
{% macro duckdb__day_series(from_date, to_date) -%}
    select cast(unnest(
        generate_series(date '{{ from_date }}', date '{{ to_date }}', interval 1 day)
    ) as date) as date_day
{%- endmacro %}
{% macro spark__day_series(from_date, to_date) -%}
    select explode(
        sequence(date '{{ from_date }}', date '{{ to_date }}', interval 1 day)
    ) as date_day
{%- endmacro %}

{#- The 60-bit integer of the first 15 hexadecimal digits of a text's md5: equal on both engines. -#}
{% macro hash_to_integer(text_expression) %}
    {{- adapter.dispatch('hash_to_integer', 'tillhouse')(text_expression) -}}
{% endmacro %}
{% macro duckdb__hash_to_integer(text_expression) -%}
    cast('0x' || substr(md5({{ text_expression }}), 1, 15) as bigint)
{%- endmacro %}
{% macro spark__hash_to_integer(text_expression) -%}
    cast(conv(substr(md5({{ text_expression }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}

{#- All values of a group as a list, in no order. -#}
{% macro collect_list(expression) %}
    {{- adapter.dispatch('collect_list', 'tillhouse')(expression) -}}
{% endmacro %}
{% macro duckdb__collect_list(expression) %}list({{ expression }}){% endmacro %}
{% macro spark__collect_list(expression) %}collect_list({{ expression }}){% endmacro %}

{#-
    All texts of a group as one, those of the highest number first and equal ones in their own order.
    A list that is sorted afterwards: an aggregate in an order took DuckDB six times the memory.
-#}
{% macro ranked_text(expression, number, separator) %}
    {{- adapter.dispatch('ranked_text', 'tillhouse')(expression, number, separator) -}}
{% endmacro %}
{% macro duckdb__ranked_text(expression, number, separator) -%}
    array_to_string(
        list_transform(
            list_sort(list({'number': -({{ number }}), 'value': {{ expression }}})),
            lambda ranked: ranked['value']
        ),
        '{{ separator }}'
    )
{%- endmacro %}
{% macro spark__ranked_text(expression, number, separator) -%}
    listagg({{ expression }}, '{{ separator }}') within group (
        order by {{ number }} desc nulls last, {{ expression }} asc nulls last
    )
{%- endmacro %}

{#- One row per element of a list. -#}
{% macro unnest_list(expression) %}
    {{- adapter.dispatch('unnest_list', 'tillhouse')(expression) -}}
{% endmacro %}
{% macro duckdb__unnest_list(expression) %}unnest({{ expression }}){% endmacro %}
{% macro spark__unnest_list(expression) %}explode({{ expression }}){% endmacro %}

{#- A number that is the same for the same values; of other values it only seldom is. -#}
{% macro hash_of(expressions) %}
    {{- adapter.dispatch('hash_of', 'tillhouse')(expressions) -}}
{% endmacro %}
{% macro duckdb__hash_of(expressions) %}hash({{ expressions | join(', ') }}){% endmacro %}
{% macro spark__hash_of(expressions) %}xxhash64({{ expressions | join(', ') }}){% endmacro %}

{#- Parquet tables of Spark cannot hold constraints. What is published comes from DuckDB, which can. -#}
{% macro spark__persist_constraints(relation, model) %}{% endmacro %}

{#- Whole minutes from one moment to a later one. -#}
{% macro minutes_between(from_moment, to_moment) %}
    {{- adapter.dispatch('minutes_between', 'tillhouse')(from_moment, to_moment) -}}
{% endmacro %}
{% macro duckdb__minutes_between(from_moment, to_moment) -%}
    cast(date_sub('minute', {{ from_moment }}, {{ to_moment }}) as bigint)
{%- endmacro %}
{% macro spark__minutes_between(from_moment, to_moment) -%}
    cast(timestampdiff(minute, {{ from_moment }}, {{ to_moment }}) as bigint)
{%- endmacro %}

{#- Whole seconds from one moment to a later one. -#}
{% macro seconds_between(from_moment, to_moment) %}
    {{- adapter.dispatch('seconds_between', 'tillhouse')(from_moment, to_moment) -}}
{% endmacro %}
{% macro duckdb__seconds_between(from_moment, to_moment) -%}
    cast(date_sub('second', {{ from_moment }}, {{ to_moment }}) as bigint)
{%- endmacro %}
{% macro spark__seconds_between(from_moment, to_moment) -%}
    cast(timestampdiff(second, {{ from_moment }}, {{ to_moment }}) as bigint)
{%- endmacro %}

{#-
    All columns of one statement: contracts name the columns that a table has, so that the adapter's
    question for them, a tenth of the cost of a small table, is left out.
-#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
  {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column['description']) }};
  {%- endfor %}
{% endmacro %}

{#- Columns as one value. Two are equal where all columns are, and a NULL is equal to a NULL. -#}
{% macro one_value(columns) %}
    {{- adapter.dispatch('one_value', 'tillhouse')(columns) -}}
{% endmacro %}
{% macro duckdb__one_value(columns) -%}
    row({{ columns | join(', ') }})
{%- endmacro %}
{% macro spark__one_value(columns) -%}
    struct({{ columns | join(', ') }})
{%- endmacro %}

{#-
    How a model is kept that others read several times over. DuckDB plans a view in milliseconds, and
    pipelines/warehouse reads some of them before dbt runs. Spark writes its plan out wherever it is
    read, and spends minutes on what comes of it.
-#}
{% macro shared_view() -%}
    {{ return('table' if target.type == 'spark' else 'view') }}
{%- endmacro %}
