{#-
    Identified net sales of one fiscal quarter and the one it is held against, for gain_loss and
    revenue_tree. Who objects to profiling counts with those whom nobody knows.
-#}

{#-
    Quarters that lie within the receipts, each with the one before and that of last year, where that
    one does too.
-#}
{% macro quarter_pairs() -%}
    select
        this_quarter.fiscal_quarter_code,
        this_quarter.fiscal_quarter_start_date,
        case
            when base.fiscal_year = this_quarter.fiscal_year - 1
                and base.fiscal_quarter = this_quarter.fiscal_quarter
                then 'last_year'
            else 'previous_quarter'
        end as basis_code,
        base.fiscal_quarter_start_date as base_quarter_start_date
    from ({{ whole_quarters() }}) as this_quarter
    inner join ({{ whole_quarters() }}) as base
        on
            4 * base.fiscal_year + base.fiscal_quarter
            in (
                4 * this_quarter.fiscal_year + this_quarter.fiscal_quarter - 1,
                4 * this_quarter.fiscal_year + this_quarter.fiscal_quarter - 4
            )
{%- endmacro %}

{#- Fiscal quarters of which all receipts are known. -#}
{% macro whole_quarters() -%}
    select
        calendar.fiscal_year,
        calendar.fiscal_quarter,
        calendar.fiscal_quarter_code,
        calendar.fiscal_quarter_start_date
    from (
        select
            fiscal_year,
            fiscal_quarter,
            fiscal_quarter_code,
            fiscal_quarter_start_date,
            max(date_day) as fiscal_quarter_end_date
        from {{ ref('dim_date') }}
        group by fiscal_year, fiscal_quarter, fiscal_quarter_code, fiscal_quarter_start_date
    ) as calendar
    inner join (
        select min(business_date) as first_date, max(business_date) as last_date
        from {{ ref('fct_customer_day') }}
    ) as span
        on
            calendar.fiscal_quarter_start_date >= span.first_date
            and calendar.fiscal_quarter_end_date <= span.last_date
    where
        calendar.fiscal_quarter_start_date
        not in ({{ rolled_periods('fiscal_quarter_start_date') }})
{%- endmacro %}

{#- The condition that keeps quarters to build. Expects the CTE pair. -#}
{% macro is_in_pair(column='dim_date.fiscal_quarter_start_date') -%}
    {{ column }} in (
        select fiscal_quarter_start_date from pair
        union
        select base_quarter_start_date from pair
    )
{%- endmacro %}

{#-
    What customers bought by fiscal quarter; who is not to be known is one row of a NULL customer.
    Expects the CTE pair.
-#}
{% macro customer_quarters() -%}
    select
        dim_date.fiscal_quarter_start_date,
        case
            when
                customer_day.customer_key > 0
                and customer_day.customer_id not in ({{ profiling_objector() }})
                then customer_day.customer_id
        end as customer_id,
        sum(customer_day.net_amount) as net_amount,
        sum(customer_day.unit_count) as unit_count,
        sum(customer_day.transaction_count) as transaction_count
    from {{ ref('fct_customer_day') }} as customer_day
    inner join {{ ref('dim_date') }} as dim_date
        on customer_day.business_date = dim_date.date_day
    where {{ is_in_pair() }}
    group by 1, 2
{%- endmacro %}

{#-
    What a factor of net sales did to its difference: a sum, or a sum over another. NULL where there is
    nothing to share out, before a logarithm of 0 is asked for.
-#}
{% macro factor_effect(numerator, denominator=none) -%}
    {%- set growth -%}
    {{ ratio('compared.' ~ numerator, 'compared.base_' ~ numerator) }}
    {%- if denominator %}
    * {{ ratio('compared.base_' ~ denominator, 'compared.' ~ denominator) }}
    {%- endif -%}
    {%- endset -%}
    case
        when compared.mean_net_amount is not null
            then {{ rounded_money('compared.mean_net_amount * ln(' ~ growth ~ ')') }}
    end
{%- endmacro %}
