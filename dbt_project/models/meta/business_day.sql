-- Grain: one row per business date that files touch. Two builds with the same source_version for a
-- date were made from the same files.
with

business_day as (

    select * from {{ source('ledger', 'business_day') }}

),

final as (

    select
        business_date,
        source_version

    from business_day

)

select * from final
