{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_period_start_date', 'fiscal_period_start_date') }}"
) }}

-- Grain: one row per fiscal period, kind of member and member that receipts or their lines name.
-- A table, so that the dimensions need not read all lines each night to find who is named.
{%- set line, header = ref('stg_pos__sales_line'), ref('stg_pos__transaction') %}
{%- set counts = 'named.exclusion_reason is null' %}
with

day as (

    select
        date_day,
        fiscal_period_start_date

    from {{ ref('dim_date') }}

    where {{ is_changed('fiscal_period_start_date', 'fiscal_period_start_date') }}

),

member as (

    {% for kind, source, column, condition in [
        ('store', line, 'store_id', counts),
        ('product', line, 'product_id', counts),
        ('customer', line, 'customer_ref', counts),
        ('promotion', line, 'promotion_id', counts),
        ('employee', line, 'salesperson_id', '1 = 1'),
        ('return_reason', line, 'return_reason_code', "named.line_type = 'return'"),
        ('store', header, 'store_id', '1 = 1'),
        ('customer', header, 'customer_id', '1 = 1'),
        ('employee', header, 'employee_id', '1 = 1')
    ] -%}
    select
        '{{ kind }}' as member_kind,
        named.{{ column }} as named_id,
        day.fiscal_period_start_date

    from {{ source }} as named
    inner join day on named.business_date = day.date_day

    where {{ condition }}

    group by named.{{ column }}, day.fiscal_period_start_date

    {% if not loop.last -%}
    union all

    {% endif %}
    {%- endfor %}

),

final as (

    -- No promotion and no salesperson is named by nothing; all else that is blank is unknown.
    select distinct
        member_kind,
        case
            when member_kind in ('promotion', 'employee') then {{ filled_text('named_id') }}
            else {{ reference_id('named_id') }}
        end as member_id,
        fiscal_period_start_date

    from member

)

select * from final
where member_id is not null
