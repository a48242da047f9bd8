{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        {'sql': "{{ keep_changed_stage_customers() }}", 'transaction': false},
        "{{ delete_changed_stages() }}",
    ]
) }}

-- Grain: one row per identified customer and stage of life in a row; the last one is that of the
-- last date of the data. Before the first purchase a customer is a prospect; what was before
-- receipts that are kept no longer is unknown. Who objects to profiling is not here.
-- A change that comes of time alone is a sum over the purchase days and needs no other event.
with

data_span as (

    select max(business_date) as last_date from {{ ref('fct_customer_day') }}

),

stage as (

    -- The longest gap that no cycle excuses: beyond it a customer is lapsed.
    select
        lifecycle_stage_code,
        over_cycle_multiple,
        up_to_cycle_multiple,
        tenure_limit_days,
        max(gap_limit_days) over () as gap_limit_days

    from {{ ref('dim_lifecycle_stage') }}

    where lifecycle_stage_code not in ({{ unknown_id() }}, 'prospect')

),

customer as (

    select * from ({{ lifecycle_customers() }}) as known
    where {{ is_stage_changed() }}

),

spell as (

    {{ lifecycle_spells() }}

),

stage_of_spell as (

    select
        customer_id,
        lifecycle_stage_code,
        stage_from_date as valid_from_date,
        purchase_date as last_purchase_date,
        case when is_last then {{ add_days('stage_to_date', 1) }} end as stage_end_date

    from ({{ lifecycle_possible_stages() }}) as possible

    where
        stage_from_date <= spell_to_date
        and (stage_from_date <= stage_to_date or stage_to_date is null)

    union all

    select
        customer_id,
        case when is_rolled then {{ unknown_id() }} else 'prospect' end as lifecycle_stage_code,
        {{ first_valid_date() }} as valid_from_date,
        cast(null as date) as last_purchase_date,
        cast(null as date) as stage_end_date

    from customer

),

changed as (

    select
        compared.*,
        lead(compared.valid_from_date) over (
            partition by compared.customer_id order by compared.valid_from_date asc nulls last
        ) as next_from_date

    from ({{ lifecycle_compared_stages() }}) as compared

    where coalesce(compared.lifecycle_stage_code <> compared.previous_stage_code, true)

),

final as (

    select
        customer.customer_key,
        customer.customer_id,
        changed.lifecycle_stage_code,
        changed.previous_stage_code,
        changed.valid_from_date,
        coalesce({{ add_days('changed.next_from_date', -1) }}, {{ last_valid_date() }})
            as valid_to_date,
        changed.next_from_date is null as is_current,
        changed.last_purchase_date,
        customer.acquired_date,
        customer.cycle_days,
        customer.cycle_source_code,
        case when changed.next_from_date is null then changed.last_end_date end as next_change_date

    from changed
    left join customer on changed.customer_id = customer.customer_id

)

select * from final
