-- Grain: one row per store and extract. Attributes are as the store master gave them on that day.
with

source as (

    {{ counted_row('store') }}

),

renamed as (

    select
        ---------- ids
        store_id,

        ---------- text
        store_name,
        format,
        region,
        district,
        climate_zone,
        cluster as cluster_code,
        time_zone,
        country,
        legal_entity,
        price_zone,

        ---------- numerics
        selling_area_m2,

        ---------- dates
        open_date,
        close_date,
        remodel_date,
        extract_date,

        ---------- where the row stands, to break ties between extracts of one day
        _file_id,
        _line_number

    from source

)

select * from renamed
