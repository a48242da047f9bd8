-- Grain: one row per source system, customer and extract that tells of a life event.
-- Health data: apart from the customer's other attributes, and used for nothing but its purpose.
with

source as (

    {{ counted_row('crm_customer') }}

),

renamed as (

    select
        ---------- ids
        source_system,
        source_customer_id as customer_id,

        ---------- text
        op as operation_code,
        life_event_type,

        ---------- dates
        life_event_date,
        cast(extract_ts as timestamp) as extracted_at,

        ---------- where the row stands, to break ties between extracts of one moment
        _file_id,
        _line_number

    from source

    where life_event_type is not null

)

select * from renamed
