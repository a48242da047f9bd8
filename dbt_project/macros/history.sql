{#-
    How a dated master becomes versions of its members, and how facts find theirs.

    A version holds from valid_from_date to valid_to_date, both included. The first version of a member
    holds since ever, since facts may be older than the first extract; the last one holds for ever.
-#}
{% macro first_valid_date() -%}date '1900-01-01'{%- endmacro %}
{% macro last_valid_date() -%}date '9999-12-31'{%- endmacro %}

{#- The states of members by date, as they differ from the state before: `states` has one a date. -#}
{% macro changed_states(states, id_columns, date_column, attributes) -%}
    select
        {{ id_columns | join(', ') }},
        {{ attributes | join(',\n        ') }},
        {{ date_column }}
    from (
        select
            {{ id_columns | join(', ') }},
            {{ attributes | join(',\n            ') }},
            {{ date_column }},
            {{ one_value(attributes) }} as state,
            lag({{ one_value(attributes) }}) over (
                partition by {{ id_columns | join(', ') }} order by {{ date_column }} nulls last
            ) as state_before
        from {{ states }}
    ) as compared
    where state is distinct from state_before
{%- endmacro %}

{#- States with the dates from and to which they hold: each to the day before the next one. -#}
{% macro dated_versions(states, id_columns, date_column, attributes) -%}
    {%- set order -%}
    partition by {{ id_columns | join(', ') }} order by {{ date_column }} nulls last
    {%- endset -%}
    select
        {{ id_columns | join(', ') }},
        {{ attributes | join(',\n        ') }},
        case
            when row_number() over ({{ order }}) = 1 then {{ first_valid_date() }}
            else {{ date_column }}
        end as valid_from_date,
        coalesce(
            {{ add_days('lead(' ~ date_column ~ ') over (' ~ order ~ ')', -1) }},
            {{ last_valid_date() }}
        ) as valid_to_date
    from {{ states }}
{%- endmacro %}

{#- The value of the first row of a group, by rank, in which the attribute is filled. -#}
{% macro first_filled(expression, attribute, rank) -%}
    min_by({{ expression }}, case when {{ attribute }} is not null then {{ rank }} end)
{%- endmacro %}

{#- Spans of dates, both included, with those made one that overlap or follow each other. -#}
{% macro merged_spans(spans, id_columns) -%}
    {%- set order -%}
    partition by {{ id_columns | join(', ') }}
    order by valid_from_date asc nulls last, valid_to_date asc nulls last
    {%- endset -%}
    select
        {{ id_columns | join(', ') }},
        min(valid_from_date) as valid_from_date,
        max(valid_to_date) as valid_to_date
    from (
        select
            begun.*,
            sum(is_first) over ({{ order }} rows unbounded preceding) as span_number
        from (
            select
                span.*,
                case
                    when {{ add_days('valid_from_date', -1) }} <= max(valid_to_date) over (
                        {{ order }} rows between unbounded preceding and 1 preceding
                    ) then 0
                    else 1
                end as is_first
            from {{ spans }} as span
        ) as begun
    ) as numbered
    group by {{ id_columns | join(', ') }}, span_number
{%- endmacro %}

{#-
    Key of a version. The first one has the key of its member, which an inferred member has before its
    master comes: facts that found it need not be touched then.
-#}
{% macro version_key(id_column, valid_from_date) -%}
    case
        when {{ valid_from_date }} > {{ first_valid_date() }}
            then {{ surrogate_key([
                id_column, 'cast(' ~ valid_from_date ~ ' as ' ~ dbt.type_string() ~ ')'
            ]) }}
        else {{ member_key(id_column) }}
    end
{%- endmacro %}

{#- The dates of a dimension's row; a member that no master knows has one version, for all time. -#}
{% macro validity(version) -%}
    coalesce({{ version }}.valid_from_date, {{ first_valid_date() }}) as valid_from_date,
    coalesce({{ version }}.valid_to_date, {{ last_valid_date() }}) as valid_to_date,
    coalesce({{ version }}.valid_to_date, {{ last_valid_date() }}) = {{ last_valid_date() }}
        as is_current
{%- endmacro %}

{#-
    The condition that a version is of the member and holds on the date; `version` is the alias of the
    dimension and the name of its entity. A fact without a date has the version of today.
-#}
{% macro version_on(version, id_expression, date_expression, id_column=none) -%}
    {{ id_expression }} = {{ version }}.{{ id_column or version ~ '_id' }}
    and coalesce({{ date_expression }}, {{ last_valid_date() }})
    between {{ version }}.valid_from_date and {{ version }}.valid_to_date
{%- endmacro %}

{#-
    Each version's key with the attributes of its member today. A mart that reads a dimension this way
    is as-is: it shows the past by the names and groups of today.
-#}
{% macro as_is(entity, attributes) -%}
    select
        version.{{ entity }}_key,
        {%- for attribute in attributes %}
        today.{{ attribute }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('dim_' ~ entity) }} as version
    inner join {{ ref('dim_' ~ entity) }} as today
        on version.{{ entity }}_id = today.{{ entity }}_id and today.is_current
{%- endmacro %}
