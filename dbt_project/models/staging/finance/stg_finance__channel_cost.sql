-- Grain: one row per channel, activity and extract date.
with

source as (

    {{ counted_row('channel_cost') }}

),

renamed as (

    select
        ---------- text
        channel as cost_channel,
        activity as activity_name,

        ---------- numerics
        cost as activity_cost_amount,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
