-- Grain: one row per reason of a return that a till names, and the unknown one.
with

named as (

    select member_id as return_reason_code
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'return_reason'

    -- union and not union all: each reason once, however many periods name it
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
