-- Grain: one row per employee and extract date.
with

source as (

    {{ counted_row('employee') }}

),

renamed as (

    select
        ---------- ids
        employee_id,
        {{ filled_text('store_id') }} as store_id,

        ---------- text
        role as role_name,
        department as employee_department,
        territory as territory_name,

        ---------- dates
        hired_date,
        left_date,
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
