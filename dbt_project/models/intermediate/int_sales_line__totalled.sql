-- Grain: one row: amount and number of the lines that raw says are sales. Told from raw itself and
-- not from the fact's way through staging, so that a mistake there shows.
with

source as (

    {{ counted_row('pos_line') }}

),

totalled as (

    select
        coalesce(sum(
            case when line_type = 'return' then -abs(extended_amount) else extended_amount end
        ), 0) as net_amount,
        count(*) as row_count

    from source

    where
        line_type in ('sale', 'return')
        and coalesce(void_flag, false) = false

)

select * from totalled
