{#-
    Which basket is the first of its customer, in a fact that is replaced by date.

    An older receipt that comes late, is withdrawn, or goes to another customer moves the first basket
    of a customer to or from a date on which nothing else changed. fct_acquisition still says what the
    last build found, because it is made of fct_basket: where that no longer holds, the dates of the
    first basket of then and of now are replaced as well. None of this reads what the pre-hook deletes,
    so that hook and model find the same dates, also where they are not left for them.
-#}

{#- The dates whose baskets are replaced. -#}
{% macro basket_dates() -%}
    {{ left_dates('basket_date', found_basket_dates()) }}
{%- endmacro %}

{#- How they are found. -#}
{% macro found_basket_dates() -%}
    {%- if names_changed() -%}
    {{ changed_periods() }}
    union
    select business_date from ({{ moved_first_dates() }}) as moved
    {%- endif -%}
{%- endmacro %}

{#- The condition that keeps the rows to build. -#}
{% macro is_basket_date(column) -%}
    {%- if names_changed() -%} {{ column }} in ({{ basket_dates() }}) {%- else -%} 1 = 1 {%- endif -%}
{%- endmacro %}

{#- The pre-hook. -#}
{% macro delete_baskets(column) -%}
    {%- if names_changed() -%}
    {{ adapter.dispatch('delete_changed', 'tillhouse')(column, basket_dates()) }}
    {%- endif -%}
{%- endmacro %}

{#- Dates on which a customer's first basket stood and no longer does, or now does. -#}
{% macro moved_first_dates() -%}
    with
    first_changed as ({{ first_transaction_dates(is_changed('business_date')) }}),
    compared as (
        select
            standing.customer_id,
            standing.acquired_date,
            standing.is_rolled,
            first_changed.business_date as changed_date,
            changed.business_date is not null as is_in_changed,
            rolled.customer_id is not null as is_rolled_now
        from {{ standing_acquisition() }} as standing
        left join first_changed on standing.customer_id = first_changed.customer_id
        left join {{ ref('int_customer__acquired') }} as rolled
            on standing.customer_id = rolled.customer_id
        left join ({{ changed_periods() }}) as changed
            on standing.acquired_date = changed.business_date
    ),
    -- Their first basket is to be looked for on all dates. Mostly there are none, and that is free.
    lost as (
        select customer_id from compared
        where
            not is_rolled_now
            and (is_rolled or (is_in_changed and coalesce(changed_date > acquired_date, true)))
    )
    select acquired_date as business_date from compared
    where not is_rolled and (is_rolled_now or changed_date < acquired_date)
    union
    select business_date from ({{ first_transaction_dates(
        'receipt_id in (select receipt_id from ' ~ ref('fct_sales')
        ~ ' where customer_id in (select customer_id from lost))'
    ) }}) as found
{%- endmacro %}

{#- The first date on which each known customer has a transaction, among some lines of sales. -#}
{% macro first_transaction_dates(condition) -%}
    select customer.customer_id, min(receipt.business_date) as business_date
    from (
        select min(business_date) as business_date, max(customer_key) as customer_key
        from {{ ref('fct_sales') }}
        where {{ condition }}
        group by receipt_id
        having max(case when {{ is_sale_line() }} then 1 else 0 end) = 1
    ) as receipt
    inner join {{ ref('dim_customer') }} as customer
        on receipt.customer_key = customer.customer_key and customer.customer_key > 0
    group by customer.customer_id
{%- endmacro %}

{#- Customers whose first basket is not among those to build: its date stands, or it is rolled. -#}
{% macro settled_customers() -%}
    select customer_id from {{ ref('int_customer__acquired') }}
    {%- if is_incremental() %}
    union all
    select customer_id from {{ standing_acquisition() }}
    where not is_rolled and acquired_date not in ({{ basket_dates() }})
    {%- endif -%}
{%- endmacro %}

{#-
    The first basket of each customer among `basket`. Among receipts of the first date the earliest
    moment decides, then the receipt's number. The date is found before rows are ranked: a hash of
    customers is cheaper than a sort of all receipts.
-#}
{% macro first_baskets() -%}
    select receipt_id
    from (
        select
            basket.receipt_id,
            row_number() over (
                partition by basket.customer_id
                order by basket.sold_at asc nulls last, basket.receipt_id asc nulls last
            ) as receipt_rank
        from basket
        inner join (
            select customer_id, min(business_date) as business_date
            from basket
            where customer_key > 0 and is_transaction
            group by customer_id
        ) as first_date
            on
                basket.customer_id = first_date.customer_id
                and basket.business_date = first_date.business_date
        left join ({{ settled_customers() }}) as settled
            on basket.customer_id = settled.customer_id
        where basket.is_transaction and settled.customer_id is null
    ) as ranked
    where receipt_rank = 1
{%- endmacro %}
