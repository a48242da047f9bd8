-- Grain: one row per document line and extract date.
with

source as (

    {{ counted_row('ar_open_item') }}

),

renamed as (

    select
        ---------- ids
        document_no as document_ref,
        line_no as line_number,
        {{ reference_id('customer_ref') }} as customer_id,

        ---------- text
        document_type as document_type_code,
        currency as currency_code,

        ---------- numerics
        amount as document_amount,
        open_amount,
        credit_limit as credit_limit_amount,

        ---------- dates
        extract_date,
        posted_date,
        due_date,
        cleared_date

    from source

)

select * from renamed
