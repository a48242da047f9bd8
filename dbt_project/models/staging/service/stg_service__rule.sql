-- Grain: one row per rule and extract date.
with

source as (

    {{ counted_row('service_rule') }}

),

renamed as (

    select
        ---------- ids
        rule_id,

        ---------- text
        event_type as life_event_type,
        life_stage as life_stage_name,
        category as category_name,
        channel as service_channel,
        instruction as instruction_name,

        ---------- numerics
        offset_days,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
