{#-
    Who moved between two quarters, for gain_loss: customers by store, and households by category. All
    but movement_code expect the CTE pair, some of them those before them.
-#}

{#-
    The CTEs known_household and sold: net sales by quarter, dimension, its member, and mover; a NULL
    mover is who is not to be known.
-#}
{% macro mover_quarters() -%}
known_household as (

    {{ household_category_quarters() }}

),

sold as (

    {{ customer_store_quarters() }}

    union all

    select * from known_household

    union all

    {{ category_rest_quarters() }}

)
{%- endmacro %}

{#- What customers bought by store; receipts tell the store, days of customers do not. -#}
{% macro customer_store_quarters() -%}
    select
        dim_date.fiscal_quarter_start_date,
        'store' as dimension_code,
        basket.store_id as dimension_id,
        case
            when
                basket.customer_key > 0
                and basket.customer_id not in ({{ profiling_objector() }})
                then basket.customer_id
        end as mover_id,
        sum(basket.net_amount) as net_amount
    from {{ ref('fct_basket') }} as basket
    inner join {{ ref('dim_date') }} as dim_date on basket.business_date = dim_date.date_day
    where {{ is_in_pair() }}
    group by 1, 2, 3, 4
{%- endmacro %}

{#-
    What households bought by category: goods are bought for a household, and household_habit has read
    the lines by it.
-#}
{% macro household_category_quarters() -%}
    select
        fiscal_quarter_start_date,
        'category' as dimension_code,
        category_name as dimension_id,
        household_id as mover_id,
        net_amount
    from {{ ref('household_habit') }}
    where
        {{ is_in_pair('fiscal_quarter_start_date') }}
        and household_id not in ({{ objecting_household() }})
{%- endmacro %}

{#-
    The rest of what was sold of a category: of a NULL household, like what is not to be known. A category
    that known households alone bought has none. Expects the CTE known_household.
-#}
{% macro category_rest_quarters() -%}
    select
        fiscal_quarter_start_date,
        'category' as dimension_code,
        category_name as dimension_id,
        cast(null as {{ dbt.type_string() }}) as mover_id,
        sum(net_amount) as net_amount
    from (
        select
            item.fiscal_quarter_start_date,
            coalesce(product.category_name, 'Unknown') as category_name,
            item.net_amount
        from (
            select
                fiscal_week.fiscal_quarter_start_date,
                sold.product_id,
                sum(sold.net_amount) as net_amount
            from {{ ref('fct_sales_week') }} as sold
            inner join (
                select distinct fiscal_week_start_date, fiscal_quarter_start_date
                from {{ ref('dim_date') }}
                where {{ is_in_pair('fiscal_quarter_start_date') }}
            ) as fiscal_week
                on sold.fiscal_week_start_date = fiscal_week.fiscal_week_start_date
            group by 1, 2
        ) as item
        left join {{ ref('dim_product') }} as product
            on item.product_id = product.product_id and product.is_current

        union all

        select fiscal_quarter_start_date, dimension_id as category_name, -net_amount as net_amount
        from known_household
    ) as part
    group by 1, 2, 3, 4
    having sum(net_amount) <> 0
{%- endmacro %}

{#- Both quarters of each pair side by side, by member and mover. Expects the CTE sold. -#}
{% macro moved_parts() -%}
    select
        side.fiscal_quarter_start_date,
        side.base_quarter_start_date,
        sold.dimension_code,
        sold.dimension_id,
        sold.mover_id,
        sum(case when side.is_here = 1 then sold.net_amount else 0 end) as net_amount,
        sum(case when side.was_here = 1 then sold.net_amount else 0 end) as base_net_amount,
        max(side.is_here) as is_here,
        max(side.was_here) as was_here
    from (
        {%- for quarter, here, was in [('fiscal', 1, 0), ('base', 0, 1)] %}
        select
            pair.fiscal_quarter_start_date,
            pair.base_quarter_start_date,
            pair.{{ quarter }}_quarter_start_date as sold_quarter_start_date,
            {{ here }} as is_here,
            {{ was }} as was_here
        from pair
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as side
    inner join sold on side.sold_quarter_start_date = sold.fiscal_quarter_start_date
    group by 1, 2, 3, 4, 5
{%- endmacro %}

{#- What a customer bought in all stores, and a household of all categories. Expects the CTE part. -#}
{% macro moved_wholes() -%}
    select
        fiscal_quarter_start_date,
        base_quarter_start_date,
        dimension_code,
        mover_id,
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount,
        max(is_here) as is_here,
        max(was_here) as was_here
    from part
    group by 1, 2, 3, 4
{%- endmacro %}

{#- How a mover of the CTE moved moved. -#}
{% macro movement_code() -%}
    case
        when mover_id is null then 'unidentified'
        when was_here = 0 and was_elsewhere = 1 then 'switched_in'
        when was_here = 0 then 'new'
        when is_here = 0 and is_elsewhere = 1 then 'switched_out'
        when is_here = 0 then 'lost'
        when net_amount > base_net_amount then 'up'
        when net_amount < base_net_amount then 'down'
        else 'same'
    end
{%- endmacro %}
