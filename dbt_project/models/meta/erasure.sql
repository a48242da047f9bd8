-- Grain: one row per request to erase a person. Who it was is said nowhere: raw.duckdb keeps that
-- as a keyed hash, which does not leave it.
with

erasure_request as (

    select * from {{ source('privacy', 'erasure_request') }}

),

final as (

    select
        request_id,
        requested_date,
        erased_date,
        status as erasure_status,
        reason as erasure_reason,
        table_count as changed_table_count,
        row_count as changed_row_count,
        file_count as rewritten_file_count,
        build_count as removed_build_count,
        backup_expiry_date

    from erasure_request

)

select * from final
