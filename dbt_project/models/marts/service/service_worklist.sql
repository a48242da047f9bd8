-- Grain: one row per adviser, week and rule with an instruction in it. Counts are additive; rates
-- are not. Whose customers these are stands in fct_service_instruction.
with

instruction as (

    select * from {{ ref('fct_service_instruction') }}

),

counted as (

    select
        service_week_start_date,
        employee_key,
        employee_id,
        rule_id,
        life_stage_name,
        category_name,
        service_channel,
        instruction_name,
        rule_reason,
        is_ripe,
        min(service_due_date) as first_due_date,
        max(service_due_date) as last_due_date,
        count(*) as eligible_count,
        {{ count_where('is_issued') }} as issued_count,
        {{ count_where("instruction_state_code = 'open'") }} as open_count,
        {{ count_where("instruction_state_code = 'completed'") }} as completed_count,
        {{ count_where('bought_date is not null') }} as bought_count

    from instruction

    group by
        service_week_start_date,
        employee_key,
        employee_id,
        rule_id,
        life_stage_name,
        category_name,
        service_channel,
        instruction_name,
        rule_reason,
        is_ripe

),

final as (

    select
        *,
        {{ ratio('issued_count', 'eligible_count') }} as coverage_rate,
        case when is_ripe then {{ ratio('completed_count', 'issued_count') }} end
            as completion_rate,
        case
            when is_ripe and category_name is not null
                then {{ ratio('bought_count', 'issued_count') }}
        end as conversion_rate

    from counted

)

select * from final
