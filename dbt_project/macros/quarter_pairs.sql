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

{#- The condition that keeps dates of quarters to build. Expects the CTE pair. -#}
{% macro is_in_pair() -%}
    dim_date.fiscal_quarter_start_date in (
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

{#- The same net sales by store; receipts tell the store, days of customers do not. Expects pair. -#}
{% macro customer_store_quarters() -%}
    select
        dim_date.fiscal_quarter_start_date,
        basket.store_id,
        case
            when
                basket.customer_key > 0
                and basket.customer_id not in ({{ profiling_objector() }})
                then basket.customer_id
        end as customer_id,
        sum(basket.net_amount) as net_amount
    from {{ ref('fct_basket') }} as basket
    inner join {{ ref('dim_date') }} as dim_date on basket.business_date = dim_date.date_day
    where {{ is_in_pair() }}
    group by 1, 2, 3
{%- endmacro %}

{#- Either quarter of each pair, side by side. Expects the CTEs pair and customer_quarter. -#}
{% macro quarter_sides() -%}
    {%- for quarter, here, was in [('fiscal', 1, 0), ('base', 0, 1)] %}
    select
        pair.*,
        customer_quarter.store_id,
        customer_quarter.customer_id,
        {{ here }} * customer_quarter.net_amount as net_amount,
        {{ was }} * customer_quarter.net_amount as base_net_amount,
        {{ here }} as is_here,
        {{ was }} as was_here
    from pair
    inner join customer_quarter
        on
            pair.{{ quarter }}_quarter_start_date
            = customer_quarter.fiscal_quarter_start_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Either quarter of each pair in one row, by some columns. -#}
{% macro summed_sides(relation, columns) -%}
    {%- set columns = [
        'fiscal_quarter_code', 'fiscal_quarter_start_date', 'basis_code', 'base_quarter_start_date'
    ] + columns -%}
    select
        {{ columns | join(',\n        ') }},
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount,
        max(is_here) as is_here,
        max(was_here) as was_here
    from {{ relation }}
    group by {{ columns | join(', ') }}
{%- endmacro %}

{#- How a customer of the CTE moved moved. -#}
{% macro movement_code() -%}
    case
        when customer_id is null then 'unidentified'
        when was_here = 0 and was_elsewhere = 1 then 'switched_in'
        when was_here = 0 then 'new'
        when is_here = 0 and is_elsewhere = 1 then 'switched_out'
        when is_here = 0 then 'lost'
        when net_amount > base_net_amount then 'up'
        when net_amount < base_net_amount then 'down'
        else 'same'
    end
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
