-- Grain: one row per complaint of an identified customer, but for who objects to profiling. Amounts
-- are not additive: the windows of two complaints overlap.
with

data_span as (

    select min(business_date) as first_date, max(business_date) as last_date
    from {{ ref('fct_customer_day') }}

),

complaint as (

    select
        case_id,
        customer_id,
        case_opened_date,
        is_case_open,
        reason_code,
        owner_department,
        case when is_case_open then 'open' else coalesce(resolution_code, {{ unknown_id() }}) end
            as resolution_level_code

    from {{ ref('fct_service_case') }}

    where
        case_type_code = 'complaint'
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})

),

customer_day as (

    {{ complaint_customer_days() }}

),

windowed as (

    {{ complaint_windows() }}

),

spending as (

    {{ complaint_spending() }}

),

customer_month as (

    {{ complaint_months() }}

),

control as (

    {{ complaint_controls() }}

),

answer as (

    {{ complaint_answers() }}

),

measured as (

    {{ complaint_measures() }}

),

final as (

    select
        measured.case_id,
        measured.case_opened_date,
        customer.customer_key,
        measured.customer_id,
        measured.reason_code,
        measured.owner_department,
        measured.is_case_open,
        measured.resolution_level_code,
        measured.told_count,
        measured.average_satisfaction_score,
        cast(measured.window_days as bigint) as window_days,
        measured.is_ripe,
        {{ money('measured.net_before_amount') }} as net_before_amount,
        {{ money('measured.net_after_amount') }} as net_after_amount,
        {{ money('measured.net_after_amount - measured.net_before_amount') }} as net_change_amount,
        {{ has_stopped() }} as is_stopped,
        case
            when measured.window_days > 0
                then
                    measured.net_after_amount < measured.net_before_amount
                    and not coalesce({{ has_stopped() }}, false)
        end as is_reduced,
        case when measured.is_ripe then coalesce(measured.control_customer_count, 0) end
            as control_customer_count,
        case when {{ is_controlled() }} then measured.control_net_change_mean end
            as control_net_change_mean,
        case
            when {{ is_controlled() }}
                then {{ rounded_money(
                    'measured.net_after_amount - measured.net_before_amount'
                    ' - measured.control_net_change_mean'
                ) }}
        end as excess_net_change_amount

    from measured
    left join {{ ref('dim_customer') }} as customer
        on measured.customer_id = customer.customer_id and customer.is_current

)

select * from final
