{{ config(meta={'dagster': {'ref': {'name': 'store_mix'}}}) }}

-- A returned row is a store whose mix states more sales than its weeks do before what came back, or
-- less than they do after. Peers are found by the mix: half of a store would have others.
with

week as (

    select
        sales.store_id,
        sum(sales.net_amount) as net_amount,
        sum(sales.net_amount + sales.returns_amount) as sale_net_amount

    from {{ ref('fct_sales_week') }} as sales
    inner join (
        select max(fiscal_week_start_date) as fiscal_week_start_date
        from {{ ref('fct_sales_week') }}
    ) as newest
        on sales.fiscal_week_start_date > {{ add_days('newest.fiscal_week_start_date', -364) }}

    group by sales.store_id

),

mix as (

    select
        store_id,
        sum(net_amount) as net_amount

    from {{ ref('store_mix') }}

    group by store_id

)

select
    coalesce(week.store_id, mix.store_id) as store_id,
    week.net_amount,
    mix.net_amount as mix_net_amount

from week
full outer join mix on week.store_id = mix.store_id

where
    coalesce(mix.net_amount, 0) < coalesce(week.net_amount, 0)
    or coalesce(mix.net_amount, 0) > coalesce(week.sale_net_amount, 0)
