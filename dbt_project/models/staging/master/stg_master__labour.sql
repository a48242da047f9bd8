-- Grain: one row per store, department and business date.
with

source as (

    {{ counted_row('labour') }}

),

renamed as (

    select
        ---------- ids
        store_id,

        ---------- text
        department as labour_department,

        ---------- numerics
        hours as hour_quantity,
        cost as labour_cost_amount,

        ---------- dates
        business_date

    from source

)

select * from renamed
