-- Grain: one row per service case of the type repair. Costs are additive. Without a serial number
-- nothing is known of warranty or of repairs before.
with

repair as (

    select * from {{ ref('fct_service_case') }}
    where case_type_code = 'repair'

),

warranty as (

    select
        product_id,
        serial_ref,
        {{ add_months(
            'coalesce(min(business_date), min(registered_date))', 'max(warranty_month_count)'
        ) }} as warranty_end_date

    from {{ ref('stg_service__serial_registration') }}

    group by product_id, serial_ref

),

final as (

    select
        repair.case_id,
        repair.case_opened_date,
        repair.product_key,
        repair.product_id,
        repair.serial_ref,
        repair.customer_key,
        repair.customer_id,
        repair.store_key,
        repair.store_id,
        repair.resolved_at,
        repair.resolution_code,
        repair.resolution_minutes,
        repair.case_opened_date <= warranty.warranty_end_date as is_in_warranty,
        case
            when repair.serial_ref is not null
                then {{ days_between(
                    'lag(repair.case_opened_date) over ('
                    ~ 'partition by repair.product_id, repair.serial_ref'
                    ~ ' order by repair.case_opened_date nulls last, repair.case_id nulls last)',
                    'repair.case_opened_date'
                ) }}
        end as previous_repair_days,
        repair.case_cost_amount

    from repair
    left join warranty
        on repair.product_id = warranty.product_id and repair.serial_ref = warranty.serial_ref

)

select * from final
