{#-
    Parts of customer_lifecycle. Gaps count from the last purchase day; what is over 0 cycles begins
    with that day. Without a cycle only the gap that none excuses counts.

    A night replaces the stages of customers of whom a date changed, then or now, or what their stages
    are found by, and of those whose time has come: stages of all others stand as they would be found
    again. Spark, whose Parquet tables cannot delete rows, makes the mart whole.
-#}

{#- Identified customers who do not object to profiling, with what their stages are found by. -#}
{% macro lifecycle_customers() -%}
    select
        dim.customer_key,
        dim.customer_id,
        coalesce(rolled.acquired_date, rhythm.first_purchase_date) as acquired_date,
        rolled.customer_id is not null as is_rolled,
        rhythm.cycle_days,
        coalesce(rhythm.cycle_source_code, 'none') as cycle_source_code
    from {{ ref('dim_customer') }} as dim
    left join {{ ref('customer_cycle') }} as rhythm on dim.customer_id = rhythm.customer_id
    left join {{ ref('fct_acquisition') }} as rolled
        on dim.customer_id = rolled.customer_id and rolled.is_rolled
    where
        dim.is_current
        and dim.customer_key > 0
        and dim.customer_id not in ({{ profiling_objector() }})
{%- endmacro %}

{#-
    The first pre-hook: leaves whose stages are made anew, for the delete, the insert and the test of
    histories, and how they had moved, for lifecycle_transition. Who was rolled since lost receipts of
    dates that changed; a last date that came or went ends stages, or takes back those that came with
    it. A full build makes those of all.
-#}
{% macro keep_changed_stage_customers() -%}
    {%- if target.type != 'spark' -%}
    {%- call leave_table('changed_stage_customer') -%}
    {%- if names_changed() %}
    {{ changed_day_customers() }}

    union

    select coalesce(standing.customer_id, known.customer_id) as customer_id
    from (select * from {{ this }} where is_current) as standing
    full join ({{ lifecycle_customers() }}) as known on standing.customer_id = known.customer_id
    cross join (select max(business_date) as last_date from {{ ref('fct_customer_day') }}) as data_span
    where
        known.customer_id is null
        or standing.customer_id is null
        or standing.customer_key <> known.customer_key
        or standing.acquired_date is distinct from known.acquired_date
        or standing.cycle_days is distinct from known.cycle_days
        or standing.cycle_source_code <> known.cycle_source_code
        or standing.next_change_date <= data_span.last_date
        or standing.valid_from_date > data_span.last_date
    {%- else %}
    select customer_id from ({{ lifecycle_customers() }}) as known
    {%- endif -%}
    {%- endcall -%};
    {% call leave_table('standing_stage_move') -%}
    {%- if names_changed() -%}
    {{ stage_moves(this, is_stage_changed()) }}
    {%- else -%}
    -- how anybody had moved is not known, and all is counted again
    select
        cast(null as date) as month_start_date,
        cast(null as varchar) as from_stage_code,
        cast(null as varchar) as to_stage_code,
        0 as customer_count
    {%- endif -%}
    {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{#- The second pre-hook. -#}
{% macro delete_changed_stages() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    delete from {{ this }} where {{ is_stage_changed() }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that a customer's stages are made anew. -#}
{% macro is_stage_changed() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    customer_id in (select customer_id from {{ source('history', 'changed_stage_customer') }})
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

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
