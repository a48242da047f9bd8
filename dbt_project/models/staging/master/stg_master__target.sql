-- Grain: one row per store, metric and business date.
with

source as (

    {{ counted_row('target') }}

),

renamed as (

    select
        ---------- ids
        store_id,

        ---------- text
        metric as metric_code,

        ---------- numerics
        target_value as target_amount,

        ---------- dates
        business_date

    from source

)

select * from renamed
