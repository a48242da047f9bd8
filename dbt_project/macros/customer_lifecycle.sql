{#-
    Parts of customer_lifecycle. Gaps count from the last purchase day; what is over 0 cycles begins
    with that day. Without a cycle only the gap that none excuses counts.
-#}

{#-
    One row per customer and purchase day, up to the day before the next one (the last one to the end
    of the data), with the days to which a gap is no lapse and the customer is new. Who lapsed once is
    new no more. Expects the CTEs customer, stage and data_span.
-#}
{% macro lifecycle_spells() -%}
    select
        lapse.customer_id,
        lapse.cycle_days,
        lapse.purchase_date,
        lapse.next_date is null as is_last,
        lapse.lapsed_before = 1 as is_won_back,
        coalesce({{ add_days('lapse.next_date', -1) }}, data_span.last_date) as spell_to_date,
        case
            when
                max(lapse.lapsed_before) over (
                    partition by lapse.customer_id
                    order by lapse.purchase_date asc nulls last
                    rows between unbounded preceding and current row
                ) = 0
                then least(
                    lapse.tenure_to_date,
                    {{ add_days('lapse.purchase_date', 'lapse.lapse_gap_days') }}
                )
            else {{ add_days('lapse.purchase_date', -1) }}
        end as new_to_date
    from (
        select
            purchase.*,
            case
                when
                    {{ days_between('purchase.previous_date', 'purchase.purchase_date') }}
                    > purchase.lapse_gap_days + 1
                    then 1
                else 0
            end as lapsed_before
        from ({{ lifecycle_purchases() }}) as purchase
    ) as lapse
    cross join data_span
{%- endmacro %}

{#- Purchase days with those before and after, and the longest gap that is no lapse. -#}
{% macro lifecycle_purchases() -%}
    {%- set order -%}
    partition by customer.customer_id order by purchase_day.business_date asc nulls last
    {%- endset -%}
    select
        customer.customer_id,
        customer.cycle_days,
        purchase_day.business_date as purchase_date,
        {{ add_days('customer.acquired_date', 'limits.new_days') }} as tenure_to_date,
        cast(
            least(floor(limits.lapse_multiple * customer.cycle_days), limits.gap_limit_days)
            as bigint
        ) as lapse_gap_days,
        lag(purchase_day.business_date) over ({{ order }}) as previous_date,
        lead(purchase_day.business_date) over ({{ order }}) as next_date
    from (
        {{ purchase_days() }}
    ) as purchase_day
    inner join customer on purchase_day.customer_id = customer.customer_id
    cross join (
        select
            cast(
                max(case when lifecycle_stage_code = 'at_risk' then up_to_cycle_multiple end)
                as double
            ) as lapse_multiple,
            max(case when lifecycle_stage_code = 'new' then tenure_limit_days end) as new_days,
            max(gap_limit_days) as gap_limit_days
        from stage
    ) as limits
{%- endmacro %}

{#-
    Each spell with each stage that its customer may be in after such a purchase, and the days on
    which the stage would hold. Expects the CTEs spell and stage.
-#}
{% macro lifecycle_possible_stages() -%}
    {%- set gap_from -%}
    case
        when stage.over_cycle_multiple = 0 then 0
        else least(
            floor(cast(stage.over_cycle_multiple as double) * spell.cycle_days),
            stage.gap_limit_days
        ) + 1
    end
    {%- endset -%}
    {%- set gap_to -%}
    least(
        floor(cast(stage.up_to_cycle_multiple as double) * spell.cycle_days), stage.gap_limit_days
    )
    {%- endset -%}
    select
        spell.customer_id,
        spell.purchase_date,
        spell.spell_to_date,
        spell.is_last,
        stage.lifecycle_stage_code,
        case
            when stage.lifecycle_stage_code = 'new' then spell.purchase_date
            else greatest(
                {{ add_days('spell.new_to_date', 1) }},
                {{ add_days('spell.purchase_date', gap_from) }}
            )
        end as stage_from_date,
        case
            when stage.lifecycle_stage_code = 'new' then spell.new_to_date
            when stage.up_to_cycle_multiple is not null
                then {{ add_days('spell.purchase_date', gap_to) }}
        end as stage_to_date
    from spell
    cross join stage
    where
        stage.lifecycle_stage_code not in ('active', 'won_back')
        or (stage.lifecycle_stage_code = 'won_back') = spell.is_won_back
{%- endmacro %}

{#- Stages of spells with the one before them, and the day on which that of the last spell ends. -#}
{% macro lifecycle_compared_stages() -%}
    {%- set order -%}
    partition by stage_of_spell.customer_id order by stage_of_spell.valid_from_date asc nulls last
    {%- endset -%}
    select
        stage_of_spell.*,
        lag(stage_of_spell.lifecycle_stage_code) over ({{ order }}) as previous_stage_code,
        last_value(stage_of_spell.stage_end_date) over (
            {{ order }} rows between unbounded preceding and unbounded following
        ) as last_end_date
    from stage_of_spell
{%- endmacro %}
