-- Grain: one row per rule and span of dates in which the same instruction holds. An extract names
-- all rules that hold: one that it leaves out has ended. Before the first extract there was none.
{%- set attributes = [
    'rule_id', 'event_kind_code', 'event_name', 'offset_days', 'life_stage_name', 'category_name',
    'service_channel', 'instruction_name'
] %}
with

told as (

    {{ latest_extract(ref('stg_service__rule'), ['rule_id', 'extract_date']) }}

),

extract_span as (

    select
        extract_date as valid_from_date,
        coalesce(
            {{ add_days('lead(extract_date) over (order by extract_date asc nulls last)', -1) }},
            {{ last_valid_date() }}
        ) as valid_to_date

    from (select distinct extract_date from told) as extracted

),

rule_span as (

    -- The clock of a rule is started by a life event, or by what stands before the colon.
    select
        told.rule_id,
        case
            when told.life_event_type like 'purchase:%' then 'purchase'
            when told.life_event_type like 'case:%' then 'case'
            else 'life event'
        end as event_kind_code,
        case
            when told.life_event_type like 'purchase:%' then trim(substr(told.life_event_type, 10))
            when told.life_event_type like 'case:%' then trim(substr(told.life_event_type, 6))
            else told.life_event_type
        end as event_name,
        told.offset_days,
        told.life_stage_name,
        told.category_name,
        told.service_channel,
        told.instruction_name,
        extract_span.valid_from_date,
        extract_span.valid_to_date

    from told
    inner join extract_span on told.extract_date = extract_span.valid_from_date

),

version as (

    {{ merged_spans('rule_span', attributes) }}

),

final as (

    select
        {{ attributes | join(',\n        ') }},
        concat(
            case when life_stage_name is null then '' else concat(life_stage_name, ': ') end,
            cast(abs(offset_days) as {{ dbt.type_string() }}),
            case when offset_days < 0 then ' days before ' else ' days after ' end,
            case when event_kind_code = 'life event' then '' else concat(event_kind_code, ' ') end,
            replace(event_name, '_', ' ')
        ) as rule_reason,
        valid_from_date,
        valid_to_date,
        valid_to_date = {{ last_valid_date() }} as is_current

    from version

)

select * from final
