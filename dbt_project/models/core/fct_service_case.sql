-- Grain: one row per service case, accumulating. Costs and counts are additive; minutes are not to
-- be summed. What a change leaves blank keeps the value it had.
with

change as (

    select * from {{ ref('stg_service__case') }}

),

gathered as (

    select
        case_id,
        min(changed_date) as case_opened_date,
        min(changed_at) as opened_case_at,
        min(first_response_at) as first_response_at,
        min(case when case_status = 'resolved' then changed_at end) as first_resolved_at,
        max(case when case_status = 'resolved' then changed_at end) as last_resolved_at,
        max(case when case_status = 'closed' then changed_at end) as last_closed_at,
        max(case when case_status = 'reopened' then changed_at end) as last_reopened_at,
        count(*) as change_count,
        sum(case when case_status = 'reopened' then 1 else 0 end) as reopened_count,
        {{ last_filled('case_status', 'changed_at') }} as case_status,
        {{ last_filled('case_type_code', 'changed_at') }} as case_type_code,
        {{ last_filled('reason_code', 'changed_at') }} as reason_code,
        {{ last_filled('priority_name', 'changed_at') }} as priority_name,
        {{ last_filled('case_channel', 'changed_at') }} as case_channel,
        {{ last_filled('resolution_code', 'changed_at') }} as resolution_code,
        {{ last_filled('customer_id', 'changed_at') }} as customer_id,
        {{ last_filled('store_id', 'changed_at') }} as store_id,
        {{ last_filled('product_id', 'changed_at') }} as product_id,
        {{ last_filled('serial_ref', 'changed_at') }} as serial_ref,
        {{ last_filled('employee_id', 'changed_at') }} as employee_id,
        {{ last_filled('owner_department', 'changed_at') }} as owner_department,
        {{ last_filled('case_cost_amount', 'changed_at') }} as case_cost_amount

    from change

    group by case_id

),

final as (

    select
        gathered.case_id,
        gathered.case_opened_date,
        gathered.opened_case_at,
        gathered.first_response_at,
        gathered.first_resolved_at,
        case
            when gathered.last_reopened_at > gathered.last_resolved_at then null
            else gathered.last_resolved_at
        end as resolved_at,
        case
            when gathered.last_reopened_at > gathered.last_closed_at then null
            else gathered.last_closed_at
        end as case_closed_at,
        gathered.case_status,
        gathered.case_status not in ('resolved', 'closed') as is_case_open,
        gathered.case_type_code,
        coalesce(gathered.reason_code, {{ unknown_id() }}) as reason_code,
        gathered.priority_name,
        gathered.case_channel,
        gathered.resolution_code,
        customer.customer_key,
        customer.customer_id,
        store.store_key,
        store.store_id,
        product.product_key,
        product.product_id,
        gathered.serial_ref,
        employee.employee_key,
        employee.employee_id,
        gathered.owner_department,
        cast(gathered.change_count as bigint) as change_count,
        cast(gathered.reopened_count as bigint) as reopened_count,
        {{ minutes_between('gathered.opened_case_at', 'gathered.first_response_at') }}
            as first_response_minutes,
        {{ minutes_between('gathered.opened_case_at', 'gathered.first_resolved_at') }}
            as resolution_minutes,
        {{ money('gathered.case_cost_amount') }} as case_cost_amount

    from gathered
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on(reference_id('gathered.customer_id'), 'gathered.case_opened_date') }}
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', reference_id('gathered.store_id'), 'gathered.case_opened_date') }}
    left join {{ ref('dim_product') }} as product
        on {{ version_on(
            'product', reference_id('gathered.product_id'), 'gathered.case_opened_date'
        ) }}
    left join {{ ref('dim_employee') }} as employee
        on {{ reference_id('gathered.employee_id') }} = employee.employee_id

)

select * from final
