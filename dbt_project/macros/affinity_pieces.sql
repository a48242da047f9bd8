{#-
    How basket_affinity is built within the memory of some periods, however many there are. DuckDB holds
    the members of all baskets at once, lists that it cannot spill: 50 million lines did not fit into
    1,000 MB. So the model's statement builds a first piece of the calendar, and a hook in the same
    transaction inserts the others by the same statement. Which piece it is stands in two variables of
    the session; without them, as in a unit test, all is one piece. Spark spills, and builds all at once.
-#}
{% macro is_in_piece(period_start_date) -%}
    {{ return(adapter.dispatch('is_in_piece', 'tillhouse')(period_start_date)) }}
{%- endmacro %}
{% macro duckdb__is_in_piece(period_start_date) -%}
    {{ period_start_date }} between
        coalesce(cast(getvariable('piece_from_date') as date), {{ first_valid_date() }})
        and coalesce(cast(getvariable('piece_to_date') as date), {{ last_valid_date() }})
{%- endmacro %}
{% macro spark__is_in_piece(period_start_date) -%}
    1 = 1
{%- endmacro %}

{#- The pre-hook: the model's own statement is the first piece. -#}
{% macro begin_with_a_piece() -%}
    {{ return(adapter.dispatch('begin_with_a_piece', 'tillhouse')()) }}
{%- endmacro %}
{% macro duckdb__begin_with_a_piece() -%}
    {{ set_piece((affinity_pieces() or [(none, none)])[0]) }}
{%- endmacro %}
{% macro spark__begin_with_a_piece() -%}{%- endmacro %}

{#- The post-hook: the same statement for all other pieces. -#}
{% macro insert_other_pieces() -%}
    {{ return(adapter.dispatch('insert_other_pieces', 'tillhouse')()) }}
{%- endmacro %}
{% macro duckdb__insert_other_pieces() -%}
    {%- for piece in affinity_pieces()[1:] %}
    {{ set_piece(piece) }};
    insert into {{ this }} by name {{ model.compiled_code }};
    {%- endfor %}
    {{ set_piece((none, none)) }}
{%- endmacro %}
{% macro spark__insert_other_pieces() -%}{%- endmacro %}

{% macro set_piece(piece) -%}
    set variable piece_from_date = {{ "date '" ~ piece[0] ~ "'" if piece[0] else 'null' }};
    set variable piece_to_date = {{ "date '" ~ piece[1] ~ "'" if piece[1] else 'null' }}
{%- endmacro %}

{#-
    The first days of the first and last fiscal period of each piece: periods to build that follow each
    other, of var affinity_piece_basket_count transactions in sum, or one of more.
-#}
{% macro affinity_pieces() -%}
    {%- set pieces -%}
    select min(fiscal_period_start_date), max(fiscal_period_start_date)
    from (
        select
            fiscal_period_start_date,
            (sum(basket_count) over (
                order by fiscal_period_start_date asc nulls last
            ) - 1)
            // {{ var('affinity_piece_basket_count') }} as piece_number
        from (
            select dim_date.fiscal_period_start_date, count(*) as basket_count
            from {{ ref('fct_basket') }} as fct_basket
            inner join {{ ref('dim_date') }} as dim_date
                on fct_basket.business_date = dim_date.date_day
            where {{ is_changed('dim_date.fiscal_period_start_date', 'fiscal_period_start_date', false) }}
            group by dim_date.fiscal_period_start_date
        ) as period
    ) as numbered
    group by piece_number
    order by piece_number
    {%- endset -%}
    {{ return(run_query(pieces).rows if execute else []) }}
{%- endmacro %}
