-- Grain: one row per promotion and extract.
with

source as (

    {{ counted_row('promotion') }}

),

renamed as (

    select
        ---------- ids
        promotion_id,

        ---------- text
        promotion_name,
        promotion_type,
        mechanic,
        display,
        ad,
        funding,

        ---------- dates
        start_date,
        end_date,
        extract_date,

        ---------- where the row stands, to break ties between extracts of one day
        _file_id,
        _line_number

    from source

)

select * from renamed
