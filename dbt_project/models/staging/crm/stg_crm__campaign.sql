-- Grain: one row per campaign and extract.
with

source as (

    {{ counted_row('campaign') }}

),

renamed as (

    select
        ---------- ids
        campaign_id,

        ---------- text
        campaign_name,
        campaign_type,
        objective,

        ---------- numerics
        budget as budget_amount,
        cost as cost_amount,

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
