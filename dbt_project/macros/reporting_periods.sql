{#- A query of every date three times: as a day, in its fiscal week and in its fiscal period. -#}
{% macro reporting_periods() -%}
    select
        date_day,
        'day' as period_grain,
        date_day as period_start_date,
        date_day as period_end_date
    from {{ ref('dim_date') }}

    union all

    select
        date_day,
        'week' as period_grain,
        fiscal_week_start_date as period_start_date,
        {{ add_days('fiscal_week_start_date', 6) }} as period_end_date
    from {{ ref('dim_date') }}

    union all

    select
        date_day,
        'period' as period_grain,
        fiscal_period_start_date as period_start_date,
        max(date_day) over (partition by fiscal_period_start_date) as period_end_date
    from {{ ref('dim_date') }}
{%- endmacro %}

{#- Sales by store and reporting period; reads the caller's reporting_period. -#}
{% macro store_period_sales() -%}
    select
        reporting_period.period_grain,
        reporting_period.period_start_date,
        sales_day.store_id,
        sum(sales_day.gross_amount) as gross_amount,
        sum(sales_day.discount_amount) as discount_amount,
        sum(sales_day.returns_amount) as returns_amount,
        sum(sales_day.transaction_count) as transaction_count,
        sum(sales_day.identified_transaction_count) as identified_count,
        sum(sales_day.line_count) as line_count,
        sum(sales_day.unit_count) as unit_count,
        sum(sales_day.margin_amount) as margin_amount,
        sum(sales_day.costed_net_amount) as costed_net_amount,
        case
            when sum(sales_day.costed_receipt_count) = 0 then 'no feed'
            when sum(sales_day.costed_receipt_count) < sum(sales_day.receipt_count) then 'partial'
            else 'ok'
        end as margin_status

    from {{ ref('fct_sales_day') }} as sales_day
    inner join reporting_period on sales_day.business_date = reporting_period.date_day

    group by 1, 2, 3
{%- endmacro %}

{#- Stores and reporting periods in which a store-day is missing; reads the caller's reporting_period. -#}
{% macro store_period_missing() -%}
    select distinct
        reporting_period.period_grain,
        reporting_period.period_start_date,
        missing_store_day.store_id
    from {{ ref('missing_store_day') }} as missing_store_day
    inner join reporting_period on missing_store_day.business_date = reporting_period.date_day
{%- endmacro %}

{#-
    The fiscal weeks of the data: whether it holds all seven days of one, and misses sales of a store
    on any of them.
-#}
{% macro reporting_weeks() -%}
    select
        dim_date.fiscal_year,
        dim_date.fiscal_week,
        dim_date.fiscal_week_code,
        dim_date.fiscal_week_start_date,
        -- 364 days are whole weeks, so the aligned days of a week are one whole week
        min(dim_date.date_ly_aligned) as week_start_date_ly_aligned,
        min(dim_date.date_day) >= min(data_span.first_date)
        and max(dim_date.date_day) <= min(data_span.last_date) as is_complete_week,
        count(missing_day.business_date) > 0 as is_partial

    from {{ ref('dim_date') }} as dim_date
    cross join (
        select min(business_date) as first_date, max(business_date) as last_date
        from {{ ref('fct_sales_day') }}
    ) as data_span
    left join (
        select distinct business_date from {{ ref('missing_store_day') }}
    ) as missing_day
        on dim_date.date_day = missing_day.business_date

    where
        dim_date.fiscal_week_start_date <= data_span.last_date
        and {{ add_days('dim_date.fiscal_week_start_date', 6) }} >= data_span.first_date

    group by
        dim_date.fiscal_year,
        dim_date.fiscal_week,
        dim_date.fiscal_week_code,
        dim_date.fiscal_week_start_date
{%- endmacro %}
