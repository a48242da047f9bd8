-- Grain: one row per supplier and extract date.
with

source as (

    {{ counted_row('supplier') }}

),

renamed as (

    select
        ---------- ids
        supplier_id,

        ---------- text
        supplier_name,
        country,

        ---------- numerics
        lead_time_days,
        payment_days,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
