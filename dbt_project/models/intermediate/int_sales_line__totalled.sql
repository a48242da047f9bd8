-- Grain: one row: amount and number of the lines that raw says are sales. Told from raw itself and
-- not from the fact's way through staging, so that a mistake there shows.
with

source as (

    {{ counted_sales_line() }}

),

discount as (

    {{ counted_basket_discount() }}

),

totalled as (

    select
        coalesce(sum(
            case when line_type = 'return' then -abs(extended_amount) else extended_amount end
        ), 0) as line_amount,
        count(*) as row_count

    from source

),

discounted as (

    select coalesce(sum(signed_amount), 0) as discount_amount
    from discount

)

select
    totalled.line_amount - discounted.discount_amount as net_amount,
    totalled.row_count

from totalled
cross join discounted
