{{ config(meta={'dagster': {'ref': {'name': 'complaint_outcome'}}}) }}

-- A returned row is a complaint whose money before and after is not that of the receipts on as many
-- days on either side, or a complaint of somebody known that the mart leaves out. Excluded by name:
-- who objects to profiling.
with

complaint as (

    select
        case_id,
        customer_id,
        case_opened_date

    from {{ ref('fct_service_case') }}

    where
        case_type_code = 'complaint'
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})

),

receipt as (

    select
        complaint.case_id,
        sum(basket.net_amount) as net_amount

    from complaint
    inner join {{ ref('complaint_outcome') }} as mart on complaint.case_id = mart.case_id
    inner join {{ ref('fct_basket') }} as basket
        on
            complaint.customer_id = basket.customer_id
            and complaint.case_opened_date <> basket.business_date
            and basket.business_date
            between {{ add_days('complaint.case_opened_date', '-mart.window_days') }}
            and {{ add_days('complaint.case_opened_date', 'mart.window_days') }}

    group by complaint.case_id

)

select
    complaint.case_id,
    mart.net_before_amount + mart.net_after_amount as mart_net_amount,
    coalesce(receipt.net_amount, 0) as fact_net_amount

from complaint
full join {{ ref('complaint_outcome') }} as mart on complaint.case_id = mart.case_id
left join receipt on complaint.case_id = receipt.case_id

where
    complaint.case_id is null
    or mart.case_id is null
    or mart.net_before_amount + mart.net_after_amount <> coalesce(receipt.net_amount, 0)
