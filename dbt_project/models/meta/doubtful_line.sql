-- Grain: one row per receipt line of the last days (late_days) that is a sale or a return and whose
-- price is far from what its item costs: the middle one of the mean prices of stores and weeks. A
-- line alone cannot move that, and no line of weeks before need be read for it.
with

last_day as (

    select max(business_date) as last_trading_date
    from {{ ref('fct_sales_day') }}

),

judged_day as (

    select calendar_day.date_day
    from {{ ref('dim_date') }} as calendar_day
    cross join last_day
    where
        calendar_day.date_day <= last_day.last_trading_date
        and {{ days_between('calendar_day.date_day', 'last_day.last_trading_date') }}
        < {{ var('late_days') }}

),

usual_week as (

    select distinct calendar_day.fiscal_week_start_date
    from {{ ref('dim_date') }} as calendar_day
    cross join last_day
    where
        calendar_day.date_day <= last_day.last_trading_date
        and {{ days_between('calendar_day.date_day', 'last_day.last_trading_date') }}
        < {{ 7 * var('usual_price_weeks') }}

),

usual_price as (

    select
        summed.product_id,
        percentile_cont(0.5) within group (
            order by cast(summed.net_amount as double) / cast(summed.quantity as double)
        ) as usual_unit_price

    from {{ ref('fct_sales_week') }} as summed
    inner join usual_week on summed.fiscal_week_start_date = usual_week.fiscal_week_start_date

    where summed.quantity > 0 and summed.net_amount > 0

    group by summed.product_id

    having count(*) >= {{ var('usual_price_min_sums') }}

),

priced_line as (

    select
        line.receipt_id,
        line.line_number,
        line.business_date,
        line.store_id,
        line.product_id,
        usual_price.usual_unit_price,
        cast(line.gross_amount as double) / cast(line.quantity as double) as unit_price

    from {{ ref('fct_sales') }} as line
    inner join judged_day on line.business_date = judged_day.date_day
    inner join usual_price on line.product_id = usual_price.product_id

    where line.quantity <> 0

),

final as (

    select
        receipt_id,
        line_number,
        business_date,
        store_id,
        product_id,
        case
            when unit_price = 0 then 'no_price'
            when unit_price < usual_unit_price then 'below_usual'
            else 'above_usual'
        end as doubt_code,
        {{ rounded_money('unit_price') }} as told_amount,
        {{ rounded_money('usual_unit_price') }} as credible_amount

    from priced_line

    where
        unit_price >= usual_unit_price * {{ var('doubtful_price_ratio') }}
        or unit_price * {{ var('doubtful_price_ratio') }} <= usual_unit_price

)

select * from final
