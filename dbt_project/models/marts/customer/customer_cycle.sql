{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='all_rows',
    on_schema_change='fail'
) }}

-- Grain: one row per identified customer who ever had a day with positive net sales, but for those
-- who object to profiling. How often the customer comes (M25), for every mart that measures by it.
-- Not additive. Days whose receipts are kept no longer do not count.
with

{{ standing_customers() }}

purchase_day as (

    select * from ({{ purchase_days() }}) as bought
    where {{ is_counted_again() }}

),

dated_purchase as (

    select
        customer_id,
        business_date,
        lag(business_date) over (
            partition by customer_id
            order by business_date asc nulls last
        ) as previous_date

    from purchase_day

),

customer as (

    -- Three purchase days are two gaps: fewer say nothing of a rhythm.
    select
        customer_id,
        min(business_date) as first_purchase_date,
        max(business_date) as last_purchase_date,
        count(*) as purchase_day_count,
        case
            when count(*) >= 3
                then cast(
                    median({{ days_between('previous_date', 'business_date') }}) as double
                )
        end as own_cycle_days

    from dated_purchase

    group by customer_id
    {{- standing_rhythms() }}

),

typed as (

    select
        dim.customer_key,
        customer.*,
        coalesce(dim.customer_type, {{ unknown_id() }}) as customer_type

    from customer
    left join {{ ref('dim_customer') }} as dim
        on customer.customer_id = dim.customer_id and dim.is_current

),

house as (

    select cast(median(own_cycle_days) as double) as cycle_days from typed

),

customer_category as (

    -- Few customers of a kind would lend their habits to all others of it.
    select
        customer_type,
        cast(median(own_cycle_days) as double) as cycle_days

    from typed

    group by customer_type

    having count(own_cycle_days) >= {{ var('cycle_min_peer_count') }}

),

final as (

    select
        typed.customer_key,
        typed.customer_id,
        typed.first_purchase_date,
        typed.last_purchase_date,
        typed.purchase_day_count,
        coalesce(typed.own_cycle_days, customer_category.cycle_days, house.cycle_days)
            as cycle_days,
        case
            when typed.own_cycle_days is not null then 'own'
            when customer_category.cycle_days is not null then 'category'
            when house.cycle_days is not null then 'house'
            else 'none'
        end as cycle_source_code

    from typed
    cross join house
    left join customer_category on typed.customer_type = customer_category.customer_type

)

select * from final
