-- Grain: one row per legal entity and extract date.
with

source as (

    {{ counted_row('cost_of_capital') }}

),

renamed as (

    select
        ---------- ids
        legal_entity,

        ---------- numerics
        annual_rate as annual_capital_factor,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
