-- Grain: one row per reason of a return that a till names, and the unknown one.
with

named as (

    select {{ reference_id('return_reason_code') }} as return_reason_code
    from {{ ref('stg_pos__sales_line') }}
    where line_type = 'return'
    group by return_reason_code

    union

    select {{ unknown_id() }} as return_reason_code

),

final as (

    select
        return_reason_code,
        return_reason_code as return_reason_name

    from named

)

select * from final
