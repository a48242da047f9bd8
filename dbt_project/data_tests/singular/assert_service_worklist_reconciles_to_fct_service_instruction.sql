{{ config(meta={'dagster': {'ref': {'name': 'service_worklist'}}}) }}

-- A returned row says that the worklist of a week does not count the instructions of that week, or
-- that what customers bought after them is in no line of the receipts.
with

bought_line as (

    select
        line.customer_id,
        line.business_date,
        product.category_name,
        product.subcategory_name

    from {{ ref('fct_sales') }} as line
    inner join {{ ref('dim_product') }} as product on line.product_key = product.product_key
    inner join (
        select distinct customer_id, bought_date from {{ ref('fct_service_instruction') }}
    ) as followed
        on line.customer_id = followed.customer_id and line.business_date = followed.bought_date

    where line.quantity > 0

),

bought as (

    select customer_id, business_date, category_name from bought_line

    union

    select customer_id, business_date, subcategory_name as category_name from bought_line

),

fact as (

    select
        instruction.service_week_start_date,
        count(*) as eligible_count,
        sum(case when instruction.is_issued then 1 else 0 end) as issued_count,
        count(bought.customer_id) as bought_count

    from {{ ref('fct_service_instruction') }} as instruction
    left join bought
        on
            instruction.customer_id = bought.customer_id
            and instruction.bought_date = bought.business_date
            and instruction.category_name = bought.category_name

    group by instruction.service_week_start_date

),

mart as (

    select
        service_week_start_date,
        sum(eligible_count) as eligible_count,
        sum(issued_count) as issued_count,
        sum(bought_count) as bought_count

    from {{ ref('service_worklist') }}

    group by service_week_start_date

)

select
    coalesce(fact.service_week_start_date, mart.service_week_start_date)
        as service_week_start_date,
    fact.eligible_count as fact_eligible_count,
    mart.eligible_count as mart_eligible_count,
    fact.issued_count as fact_issued_count,
    mart.issued_count as mart_issued_count,
    fact.bought_count as fact_bought_count,
    mart.bought_count as mart_bought_count

from fact
full outer join mart on fact.service_week_start_date = mart.service_week_start_date

where
    coalesce(
        fact.eligible_count <> mart.eligible_count
        or fact.issued_count <> mart.issued_count
        or fact.bought_count <> mart.bought_count,
        true
    )
