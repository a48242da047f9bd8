-- Grain: one row per audit check and date on which anything was measured. By date and not in all,
-- so that a bad day is not thinned by the good days before it.
with

store_day as (

    -- A calendar is a promise that the store delivers; that other stores traded is a guess.
    select store_id, business_date, 1 as missing_count
    from {{ ref('missing_store_day') }}
    where expected_reason = 'open by the calendar'

    union all

    select store_id, business_date, 0 as missing_count
    from {{ ref('fct_sales_day') }}

),

measured as (

    select
        'receipt_lines' as check_code,
        business_date as measured_date,
        sum(unfooted_receipt_count) as failed_count,
        sum(counted_receipt_count) as measured_count
    from {{ ref('receipt_footing') }}
    group by business_date

    union all

    select
        'receipt_tenders' as check_code,
        business_date as measured_date,
        sum(unpaid_receipt_count) as failed_count,
        sum(tendered_receipt_count) as measured_count
    from {{ ref('receipt_footing') }}
    group by business_date

    union all

    select
        'register_days' as check_code,
        business_date as measured_date,
        sum(case when is_footed then 0 else 1 end) as failed_count,
        sum(1) as measured_count
    from {{ ref('register_day') }}
    where is_footed is not null
    group by business_date

    union all

    select
        'transaction_numbers' as check_code,
        business_date as measured_date,
        sum(missing_transaction_count) as failed_count,
        sum(missing_transaction_count + header_count) as measured_count
    from {{ ref('register_day') }}
    where header_count > 0
    group by business_date

    union all

    select
        'stock_ledger' as check_code,
        fiscal_period_start_date as measured_date,
        sum(residual_item_day_count) as failed_count,
        sum(item_day_count) as measured_count
    from {{ ref('stock_ledger') }}
    group by fiscal_period_start_date

    union all

    select
        'store_day_volumes' as check_code,
        business_date as measured_date,
        sum(case when volume_code = 'below' then 1 else 0 end) as failed_count,
        count(*) as measured_count
    from {{ ref('store_day_volume') }}
    group by business_date

    union all

    select
        'missing_store_days' as check_code,
        business_date as measured_date,
        sum(missing_count) as failed_count,
        count(*) as measured_count
    from store_day
    group by business_date

),

final as (

    select
        measured.check_code,
        measured.measured_date,
        cast(measured.failed_count as bigint) as failed_count,
        cast(measured.measured_count as bigint) as measured_count,
        {{ ratio('measured.failed_count', 'measured.measured_count') }} as failed_rate,
        cast(threshold.warning_rate as double) as warning_rate,
        cast(threshold.failure_rate as double) as failure_rate,
        case
            when measured.failed_count > threshold.failure_rate * measured.measured_count
                then 'failure'
            when measured.failed_count > threshold.warning_rate * measured.measured_count
                then 'warning'
            else 'ok'
        end as verdict_code

    from measured
    inner join {{ ref('audit_threshold') }} as threshold
        on measured.check_code = threshold.check_code

    where measured.measured_count >= threshold.minimum_count

)

select * from final
