-- Grain: one row per fact and dimension that may be unknown. Nobody must be known to buy, so the
-- limit for customers is 1; the limits stand in a seed. Three counts, since a join that keeps all
-- rows of a fact to count some of them takes four times as long.
with

counted as (

    {% for fact, dimensions in referenced_members().items() -%}
    {%- set last_fact = loop.last -%}
    {%- for dimension in dimensions -%}
    select
        'core.{{ fact }}' as table_name,
        '{{ dimension }}' as dimension_name,
        (select count(*) from {{ ref(fact) }}) as member_row_count,
        (
            select count(*) from {{ ref(fact) }}
            where {{ dimension }}_key = -1
        ) as unknown_row_count,
        (
            select count(*) from {{ ref(fact) }}
            where
                {{ dimension }}_key in (
                    select inferred.{{ dimension }}_key
                    from {{ ref('dim_' ~ dimension) }} as inferred
                    where inferred.is_inferred
                )
        ) as inferred_row_count

    {% if not (last_fact and loop.last) -%}
    union all

    {% endif %}
    {%- endfor -%}
    {%- endfor %}

),

final as (

    select
        counted.table_name,
        counted.dimension_name,
        cast(counted.member_row_count as bigint) as member_row_count,
        cast(counted.unknown_row_count as bigint) as unknown_row_count,
        cast(counted.inferred_row_count as bigint) as inferred_row_count,
        {{ ratio('counted.unknown_row_count', 'counted.member_row_count') }}
            as unknown_rate,
        cast(threshold.failure_rate as double) as max_unknown_rate,
        coalesce(
            counted.member_row_count < threshold.minimum_count
            or counted.unknown_row_count <= threshold.failure_rate * counted.member_row_count,
            true
        ) as is_within_limit

    from counted
    left join {{ ref('audit_threshold') }} as threshold
        on concat('unknown_', counted.dimension_name) = threshold.check_code

)

select * from final
