{#-
    What customers brought by cohort and month of tenure, or what stands of it where no month that has
    ended changed, see standing_months.sql. A cohort begins with the first month that has all its receipts.
-#}
{% macro lived_months() -%}
    select
        {{ add_months('lived.month_start_date', '-lived.tenure_month') }} as cohort_month,
        lived.tenure_month,
        count(*) as customer_count,
        sum(lived.margin_amount)
        - sum(coalesce(lived.service_cost_amount, 0))
        - sum(coalesce(lived.overdue_cost_amount, 0)) as contribution_amount
    from {{ ref('customer_month') }} as lived
    inner join ({{ cohort_entries() }}) as acquired on lived.customer_id = acquired.customer_id
    where
        lived.tenure_month >= 0
        and {{ is_replaced_month('lived.month_start_date', with_gaps=true) }}
    group by 1, 2
    {%- if is_incremental() %}

    union all

    select
        cohort_month,
        tenure_month,
        cohort_customer_count as customer_count,
        contribution_amount
    from {{ this }}
    where {{ is_standing_month(add_months('cohort_month', 'tenure_month'), with_gaps=true) }}
    {%- endif -%}
{%- endmacro %}
