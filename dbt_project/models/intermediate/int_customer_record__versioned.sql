{{ config(materialized=shared_view()) }}

-- Grain: one row per source record of a customer and version: what the record said from one date to
-- the day before another. A record that its source deleted says nothing any more.
{%- set attributes = [
    'customer_type', 'birth_year', 'gender', 'country', 'postal_region', 'postal_area', 'home_store_id',
    'acquisition_date', 'acquisition_channel', 'acquisition_campaign_id', 'owner_employee_id',
    'age_band', 'income_band', 'marital_status', 'home_ownership', 'household_size',
    'household_composition', 'children_count'
] %}
{%- set record = ['source_system', 'source_id'] %}
with

extracted as (

    select
        *,
        cast(extracted_at as date) as extract_date,
        coalesce(operation_code, 'U') = 'D' as is_deleted
    from {{ ref('stg_crm__customer') }}

),

last_extracted as (

    {{ latest_extract('extracted', record + ['extract_date'], 'extracted_at') }}

),

changed_record as (

    {{ changed_states(
        'last_extracted', record, 'extract_date', attributes + ['parent_account_id', 'is_deleted']
    ) }}

),

versioned as (

    select
        linked.customer_id,
        linked.source_priority,
        changed_record.*,
        coalesce(
            lead(changed_record.extract_date) over (
                partition by changed_record.source_system, changed_record.source_id
                order by changed_record.extract_date nulls last
            ),
            {{ last_valid_date() }}
        ) as next_date

    from changed_record
    inner join {{ ref('int_customer__linked') }} as linked
        on
            changed_record.source_system = linked.source_system
            and changed_record.source_id = linked.source_id

)

select * from versioned
