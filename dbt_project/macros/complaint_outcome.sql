{#-
    Parts of complaint_outcome. Expect the CTEs data_span, customer_day (net of a customer on a day)
    and complaint.
-#}

{#- Net sales by customer and day: of everybody, or, without a complaint, of nobody. -#}
{% macro complaint_customer_days() -%}
    select
        customer_id,
        business_date,
        net_amount,
        is_purchase_day
    from {{ ref('fct_customer_day') }}
    where customer_key > 0 and exists (select 1 from complaint)
{%- endmacro %}

{#-
    Complaints with the days that either side of the day of complaint is compared by: 90, or as many
    as the data hold on both.
-#}
{% macro complaint_windows() -%}
    select
        complaint.*,
        greatest(
            least(
                90,
                {{ days_between('data_span.first_date', 'complaint.case_opened_date') }},
                {{ days_between('complaint.case_opened_date', 'data_span.last_date') }}
            ), 0
        ) as window_days,
        {{ add_days('complaint.case_opened_date', 'ceil(2 * rhythm.cycle_days)') }}
            as stop_checked_date,
        {{ month_start('complaint.case_opened_date') }} as complaint_month,
        data_span.last_date
    from complaint
    left join {{ ref('customer_cycle') }} as rhythm on complaint.customer_id = rhythm.customer_id
    cross join data_span
{%- endmacro %}

{#- What was spent on either side of the day of complaint, and whether the customer came again. -#}
{% macro complaint_spending() -%}
    select
        windowed.case_id,
        sum(
            case
                when
                    customer_day.business_date < windowed.case_opened_date
                    and {{ days_between('customer_day.business_date', 'windowed.case_opened_date') }}
                    <= windowed.window_days
                    then customer_day.net_amount
                else 0
            end
        ) as net_before_amount,
        sum(
            case
                when
                    customer_day.business_date > windowed.case_opened_date
                    and {{ days_between('windowed.case_opened_date', 'customer_day.business_date') }}
                    <= windowed.window_days
                    then customer_day.net_amount
                else 0
            end
        ) as net_after_amount,
        max(
            case
                when
                    customer_day.is_purchase_day
                    and customer_day.business_date > windowed.case_opened_date
                    and customer_day.business_date <= windowed.stop_checked_date
                    then 1
                else 0
            end
        ) as has_come_again
    from windowed
    inner join customer_day on windowed.customer_id = customer_day.customer_id
    group by windowed.case_id
{%- endmacro %}

{#-
    How the spending of customers changed about the middle of each month with a complaint, by cell: the
    fiscal quarter of the first purchase, and how often they came in the 365 days before the month,
    each band twice as wide as the one before (1, 2-3, 4-7, ...). Only months with 90 days on either
    side.
-#}
{% macro complaint_months() -%}
    select
        visited.complaint_month,
        visited.customer_id,
        cohort.fiscal_quarter_start_date as cohort_quarter_date,
        cast(floor(log2(visited.frequency_days)) as bigint) as frequency_band_number,
        visited.net_change_amount
    from (
        select
            reference.complaint_month,
            customer_day.customer_id,
            {{ count_where(
                'customer_day.is_purchase_day'
                ' and customer_day.business_date < reference.complaint_month'
            ) }} as frequency_days,
            sum(
                case
                    when
                        {{ days_between('reference.middle_date', 'customer_day.business_date') }}
                        between 1 and 90
                        then customer_day.net_amount
                    when
                        {{ days_between('reference.middle_date', 'customer_day.business_date') }}
                        between -90 and -1
                        then -customer_day.net_amount
                    else 0
                end
            ) as net_change_amount
        from (
            select distinct
                windowed.complaint_month,
                {{ add_days('windowed.complaint_month', 14) }} as middle_date
            from windowed
            cross join data_span
            where
                {{ add_days('windowed.complaint_month', 14 - 90) }} >= data_span.first_date
                and {{ add_days('windowed.complaint_month', 14 + 90) }} <= data_span.last_date
        ) as reference
        inner join customer_day
            on
                customer_day.business_date >= {{ add_days('reference.complaint_month', -365) }}
                and customer_day.business_date <= {{ add_days('reference.middle_date', 90) }}
        group by reference.complaint_month, customer_day.customer_id
    ) as visited
    inner join {{ ref('customer_cycle') }} as rhythm on visited.customer_id = rhythm.customer_id
    inner join {{ ref('dim_date') }} as cohort on rhythm.first_purchase_date = cohort.date_day
    where visited.frequency_days > 0
{%- endmacro %}

{#- The same of customers who never complained, by cell. -#}
{% macro complaint_controls() -%}
    select
        complaint_month,
        cohort_quarter_date,
        frequency_band_number,
        count(*) as control_customer_count,
        {{ ratio('sum(net_change_amount)', 'count(*)') }} as control_net_change_mean
    from customer_month
    where customer_id not in (select customer_id from complaint)
    group by complaint_month, cohort_quarter_date, frequency_band_number
{%- endmacro %}

{#- What the customer said of the case. -#}
{% macro complaint_answers() -%}
    select
        case_id,
        max(told_count) as told_count,
        avg({{ ratio('5 * answer_score', 'scale_maximum_score') }}) as average_satisfaction_score
    from {{ ref('fct_survey_response') }}
    where case_id is not null
    group by case_id
{%- endmacro %}

{#- All of it by complaint. Expects these queries as CTEs of their names. -#}
{% macro complaint_measures() -%}
    select
        windowed.*,
        windowed.window_days = 90 as is_ripe,
        answer.told_count,
        answer.average_satisfaction_score,
        coalesce(spending.net_before_amount, 0) as net_before_amount,
        coalesce(spending.net_after_amount, 0) as net_after_amount,
        spending.has_come_again,
        control.control_customer_count,
        control.control_net_change_mean
    from windowed
    left join spending on windowed.case_id = spending.case_id
    left join answer on windowed.case_id = answer.case_id
    left join customer_month
        on
            windowed.customer_id = customer_month.customer_id
            and windowed.complaint_month = customer_month.complaint_month
    left join control
        on
            customer_month.complaint_month = control.complaint_month
            and customer_month.cohort_quarter_date = control.cohort_quarter_date
            and customer_month.frequency_band_number = control.frequency_band_number
{%- endmacro %}

{#- Whether nothing was bought for two cycles: NULL until they are over, and without a cycle. -#}
{% macro has_stopped() -%}
    case
        when measured.has_come_again = 1 then false
        when measured.stop_checked_date <= measured.last_date then true
    end
{%- endmacro %}

{#- Fewer like customers than this would say nothing. -#}
{% macro is_controlled() -%}
    measured.is_ripe and measured.control_customer_count >= 5
{%- endmacro %}
