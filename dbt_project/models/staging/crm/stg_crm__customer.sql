-- Grain: one row per source system, customer and extract. Names, mail, phone and address are not
-- selected: nothing after staging may hold them. Two characters of the postal code are. Life events
-- stand apart, in stg_crm__life_event.
with

source as (

    {{ counted_row('crm_customer') }}

),

renamed as (

    select
        ---------- ids
        source_system,
        source_customer_id as source_id,
        home_store_id,
        {{ filled_text('owner_employee_id') }} as owner_employee_id,
        {{ filled_text('parent_account_id') }} as parent_account_id,
        {{ filled_text('acquisition_campaign') }} as acquisition_campaign_id,

        ---------- text
        op as operation_code,
        customer_type,
        gender,
        country,
        {{ postal_part('country', 'postcode', 1) }} as postal_region,
        {{ postal_part('country', 'postcode', 2) }} as postal_area,
        acquisition_channel,
        age_band,
        income_band,
        marital_status,
        home_ownership,
        household_size,
        household_composition,
        children_count,

        ---------- dates
        cast(extract(year from birth_date) as bigint) as birth_year,
        cast(created_ts as date) as acquisition_date,
        cast(extract_ts as timestamp) as extracted_at,

        ---------- where the row stands, to break ties between extracts of one moment
        _file_id,
        _line_number

    from source

    where not {{ is_erased('source_customer_id') }}

)

select * from renamed
