-- Grain: one row per customer and version: what its records together said of it from one date to
-- another. A version begins when any of the records changed, came or was deleted. Each field comes
-- from the first record that fills it: by priority of its system, then by how late it changed.
-- Records are those that are linked today: a better link rewrites the past.
{%- set attributes = [
    'customer_type', 'birth_year', 'gender', 'country', 'postal_region', 'postal_area', 'home_store_id',
    'acquisition_date', 'acquisition_channel', 'acquisition_campaign_id', 'owner_employee_id',
    'age_band', 'income_band', 'marital_status', 'home_ownership', 'household_size',
    'household_composition', 'children_count'
] %}
with

record_version as (

    select * from {{ ref('int_customer_record__versioned') }}

),

change_date as (

    select distinct
        customer_id,
        extract_date
    from record_version

),

ranked as (

    select
        change_date.customer_id,
        change_date.extract_date,
        record_version.source_system,
        {%- for attribute in attributes %}
        record_version.{{ attribute }},
        {%- endfor %}
        row_number() over (
            partition by change_date.customer_id, change_date.extract_date
            order by
                record_version.source_priority asc nulls last,
                record_version.extract_date desc nulls last,
                record_version.source_system asc nulls last,
                record_version.source_id asc nulls last
        ) as record_rank

    from change_date
    left join record_version
        on
            change_date.customer_id = record_version.customer_id
            and change_date.extract_date >= record_version.extract_date
            and change_date.extract_date < record_version.next_date
            and not record_version.is_deleted

),

survived as (

    select
        customer_id,
        extract_date,
        min_by(source_system, record_rank) as source_system,
        {%- for attribute in attributes %}
        {{ survivor(attribute, attribute) }} as {{ attribute }},
        {{ survivor('source_system', attribute) }} as {{ attribute }}_source,
        {%- endfor %}
        count(source_system) = 0 as is_inferred

    from ranked

    group by customer_id, extract_date

),

sourced as (

    select
        customer_id,
        extract_date,
        source_system,
        {%- for attribute in attributes %}
        {{ attribute }},
        {%- endfor %}
        concat_ws(
            ' ',
            {%- for attribute in attributes %}
            case
                when {{ attribute }}_source is not null
                    then concat('{{ attribute }}=', {{ attribute }}_source)
            end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as field_sources,
        is_inferred

    from survived

),

changed as (

    {{ changed_states(
        'sourced', ['customer_id'], 'extract_date',
        ['source_system'] + attributes + ['field_sources', 'is_inferred']
    ) }}

),

versioned as (

    {{ dated_versions(
        'changed', ['customer_id'], 'extract_date',
        ['source_system'] + attributes + ['field_sources', 'is_inferred']
    ) }}

)

select * from versioned
