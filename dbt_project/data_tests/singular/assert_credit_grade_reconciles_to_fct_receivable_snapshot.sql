{{ config(meta={'dagster': {'ref': {'name': 'credit_grade'}}}) }}

-- A returned row says that what graded customers owe is not what customers owed on the last day on
-- which receivables were taken. Excluded by name: nobody known, and who objects to profiling.
with

as_of as (

    select max(snapshot_date) as as_of_date
    from {{ ref('fct_receivable_snapshot') }}

),

fact as (

    select
        coalesce(sum(taken.open_amount), 0) as open_amount,
        coalesce(sum(taken.overdue_amount), 0) as overdue_amount

    from {{ ref('fct_receivable_snapshot') }} as taken
    inner join as_of on taken.snapshot_date = as_of.as_of_date

    where
        taken.customer_key > 0
        and taken.customer_id not in ({{ profiling_objector() }})

),

mart as (

    select
        coalesce(sum(open_amount), 0) as open_amount,
        coalesce(sum(overdue_amount), 0) as overdue_amount

    from {{ ref('credit_grade') }}

)

select
    fact.open_amount as fact_open_amount,
    mart.open_amount as mart_open_amount,
    fact.overdue_amount as fact_overdue_amount,
    mart.overdue_amount as mart_overdue_amount

from fact
cross join mart

where fact.open_amount <> mart.open_amount or fact.overdue_amount <> mart.overdue_amount
