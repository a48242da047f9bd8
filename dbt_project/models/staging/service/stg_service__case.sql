-- Grain: one row per case and moment of change.
with

source as (

    {{ counted_row('service_case') }}

),

renamed as (

    select
        ---------- ids
        case_id,
        {{ filled_text('customer_ref') }} as customer_id,
        {{ filled_text('store_id') }} as store_id,
        {{ filled_text('item_id') }} as product_id,
        {{ filled_text('serial_no') }} as serial_ref,
        {{ filled_text('assigned_to') }} as employee_id,

        ---------- text
        status as case_status,
        case_type as case_type_code,
        {{ filled_text('reason_code') }} as reason_code,
        priority as priority_name,
        channel as case_channel,
        {{ filled_text('department') }} as owner_department,
        resolution as resolution_code,

        ---------- numerics
        cost as case_cost_amount,

        ---------- dates
        changed_date,

        ---------- timestamps
        cast(changed_ts as timestamp) as changed_at,
        cast(first_response_ts as timestamp) as first_response_at,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
