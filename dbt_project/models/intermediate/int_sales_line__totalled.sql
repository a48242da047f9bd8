{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per business date: amount and number of the lines that raw says are sales. Told
-- from raw itself and not from the fact's way through staging, so that a mistake there shows.
-- Beside them what all lines of raw state, counted or not: a sum that is cheap to ask of raw whole,
-- by which a date shows that changed and was not found to.
with

stated as (

    select
        business_date,
        sum(extended_amount) as stated_amount,
        count(*) as stated_row_count

    from {{ source('raw', 'pos_line') }}

    where {{ is_changed('business_date') }}

    group by business_date

),

sales_line as (

    {{ counted_sales_line() }}

),

movement as (

    select
        business_date,
        case when line_type = 'return' then -abs(extended_amount) else extended_amount end
            as amount,
        1 as line_count

    from sales_line

    union all

    select
        business_date,
        -signed_amount as amount,
        0 as line_count

    from ({{ counted_basket_discount('sales_line') }}) as discount

),

counted as (

    select
        business_date,
        sum(amount) as net_amount,
        sum(line_count) as row_count

    from movement

    group by business_date

),

final as (

    select
        {{ money('coalesce(counted.net_amount, 0)') }} as net_amount,
        cast(coalesce(counted.row_count, 0) as bigint) as row_count,
        {{ money('stated.stated_amount') }} as stated_amount,
        cast(stated.stated_row_count as bigint) as stated_row_count,
        stated.business_date

    from stated
    left join counted on stated.business_date = counted.business_date

)

select * from final
