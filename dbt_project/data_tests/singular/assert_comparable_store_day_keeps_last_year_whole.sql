{{ config(meta={'dagster': {'ref': {'name': 'comparable_store_day'}}}) }}

-- A returned row is a date whose last-year column does not add up to what the chain sold on the
-- aligned date. Stores that have closed since must stay in: leaving them out flatters the growth.
-- Excluded: dates of a 53rd week, and dates after the last of the data, which look back at nothing.
with

mart as (

    select
        date_ly_aligned,
        sum(net_amount_ly_aligned) as net_amount

    from {{ ref('comparable_store_day') }}

    where date_ly_aligned is not null

    group by date_ly_aligned

),

fact as (

    select
        business_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_sales_day') }}

    group by business_date

),

final as (

    select
        dim_date.date_day as business_date,
        coalesce(mart.net_amount, 0) as mart_net_amount,
        coalesce(fact.net_amount, 0) as fact_net_amount

    from fact
    inner join {{ ref('dim_date') }} as dim_date on fact.business_date = dim_date.date_ly_aligned
    left join mart on fact.business_date = mart.date_ly_aligned

    where dim_date.date_day <= (select max(latest.business_date) from fact as latest)

)

select * from final
where mart_net_amount <> fact_net_amount
