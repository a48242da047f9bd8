-- Grain: one row per campaign, cell and extract date.
with

source as (

    {{ counted_row('campaign_cell') }}

),

renamed as (

    select
        ---------- ids
        campaign_id,
        cell_id,
        promotion_id,

        ---------- text
        offer as offer_name,

        ---------- booleans
        is_control,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
