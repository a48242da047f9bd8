{#-
    The parts that basket_affinity counts. A member is an item or a category, whichever the level.
    Texts become numbers before anything is joined to itself: on 10 million lines the category pairs
    took 65 CPU seconds by name and 9 by number (DuckDB 1.5). Numbers follow codes, so that left is
    before right.
-#}

{#- Transactions with a short number, and their market: a store cluster in a fiscal period. -#}
{% macro affinity_receipts() -%}
    select
        fct_basket.receipt_id,
        fct_basket.business_date,
        fct_basket.store_key,
        dim_date.fiscal_period_code,
        dim_date.fiscal_period_start_date,
        dim_store.cluster_code,
        dense_rank() over (
            order by
                dim_date.fiscal_period_start_date asc nulls last,
                dim_store.cluster_code asc nulls last
        ) as market_number,
        row_number() over (
            order by fct_basket.business_date asc nulls last, fct_basket.receipt_id asc nulls last
        ) as receipt_number
    from {{ ref('fct_basket') }} as fct_basket
    inner join {{ ref('dim_date') }} as dim_date on fct_basket.business_date = dim_date.date_day
    inner join ({{ as_is('store', ['cluster_code']) }}) as dim_store
        on fct_basket.store_key = dim_store.store_key
    where
        fct_basket.is_transaction
        and {{ is_in_piece('dim_date.fiscal_period_start_date') }}
        and {{ is_changed('dim_date.fiscal_period_start_date', 'fiscal_period_start_date', false) }}
        and dim_date.fiscal_period_start_date not in (
            {{ rolled_periods('fiscal_period_start_date') }}
        )
{%- endmacro %}

{#- The markets, with how many transactions each has. -#}
{% macro affinity_markets() -%}
    select
        market_number,
        fiscal_period_code,
        fiscal_period_start_date,
        cluster_code,
        count(*) as basket_count
    from receipt
    group by market_number, fiscal_period_code, fiscal_period_start_date, cluster_code
{%- endmacro %}

{#- Each item as a member of both levels, without excluded categories; 'Unknown' is no category. -#}
{% macro affinity_product_members() -%}
    {%- set named_product = as_is('product', ['product_id', 'product_name', 'category_name']) -%}
    select
        product_key,
        affinity_level,
        case when affinity_level = 'item' then 0 else 1 end as level_number,
        member_code,
        member_name,
        dense_rank() over (order by affinity_level asc nulls last, member_code asc nulls last)
            as member_number
    from (
        select
            product_key,
            category_name,
            'item' as affinity_level,
            product_id as member_code,
            product_name as member_name
        from ({{ named_product }}) as product
        where product_key > 0
        union all
        select
            product_key,
            category_name,
            'category' as affinity_level,
            category_name as member_code,
            category_name as member_name
        from ({{ named_product }}) as product
        where category_name <> 'Unknown'
    ) as leveled_product
    where
        upper(category_name) not in (
            select upper(category_name) from {{ ref('affinity_exclusion') }}
        )
{%- endmacro %}

{#-
    Members on enough lines of a market to be on enough receipts of it. Lines are cheap to count, and
    are at least as many as receipts: what falls away here could not be kept later.
-#}
{% macro affinity_frequent_members() -%}
    select {{ affinity_member_key('market_day', 'product_member') }} as member_key
    from {{ ref('fct_sales') }} as line
    inner join (
        select distinct business_date, store_key, market_number from receipt
    ) as market_day
        on line.business_date = market_day.business_date and line.store_key = market_day.store_key
    inner join product_member on line.product_key = product_member.product_key
    where {{ is_sale_line() }}
    group by {{ affinity_member_key('market_day', 'product_member') }}
    having count(*) >= {{ var('affinity_min_pair_basket_count') }}
{%- endmacro %}

{#-
    Each frequent member once a basket, however many lines it has there. A basket is a receipt at a
    level, so that items pair with items. Four bytes a number: this is what the pairs are made of.
-#}
{% macro affinity_basket_members() -%}
    select distinct
        cast(receipt.market_number as integer) as market_number,
        cast(2 * receipt.receipt_number + product_member.level_number as integer) as basket_number,
        cast(product_member.member_number as integer) as member_number
    from {{ ref('fct_sales') }} as line
    -- The date is part of the receipt, and lets other dates' lines be passed over.
    inner join receipt
        on line.receipt_id = receipt.receipt_id and line.business_date = receipt.business_date
    inner join product_member on line.product_key = product_member.product_key
    inner join frequent_member
        on {{ affinity_member_key('receipt', 'product_member') }} = frequent_member.member_key
    where {{ is_sale_line() }}
{%- endmacro %}

{#-
    Baskets of two members or more, each with all of its members. Pairs then come out of a basket
    alone, without a join of 13 million members to themselves that no longer fitted into 1.2 GB. In
    the order of baskets the pairs of a market are counted together: half the CPU time.
-#}
{% macro affinity_baskets() -%}
    select
        market_number,
        {{ collect_list('member_number') }} as member_numbers
    from basket_member
    group by market_number, basket_number
    having count(*) > 1
    order by basket_number
{%- endmacro %}

{#-
    Every pair of every basket, with a bucket of its market. A pair is in no more baskets than its
    bucket, so pairs of rare buckets need no count of their own (direct hashing and pruning: Park, Chen
    and Yu 1995): 1 million pairs to count where 10 million lines have 30 million.
-#}
{% macro affinity_candidates() -%}
    {%- set bucket_count = 131072 -%}
    select
        market_number,
        left_number,
        right_number,
        market_number * cast({{ bucket_count }} as bigint)
        + (left_number * cast(7919 as bigint) + right_number * cast(104729 as bigint))
        % {{ bucket_count }} as bucket_number
    from (
        select
            market_number,
            left_number,
            {{ unnest_list('member_numbers') }} as right_number
        from (
            select
                market_number,
                member_numbers,
                {{ unnest_list('member_numbers') }} as left_number
            from basket
        ) as left_opened
    ) as both_opened
    where left_number < right_number
{%- endmacro %}

{% macro affinity_frequent_buckets() -%}
    select bucket_number
    from candidate
    group by bucket_number
    having count(*) >= {{ var('affinity_min_pair_basket_count') }}
{%- endmacro %}

{#- How many baskets of a market a pair is in, of pairs that are in enough. -#}
{% macro affinity_pairs() -%}
    select
        candidate.market_number,
        candidate.left_number,
        candidate.right_number,
        count(*) as pair_basket_count
    from candidate
    inner join frequent_bucket on candidate.bucket_number = frequent_bucket.bucket_number
    group by candidate.market_number, candidate.left_number, candidate.right_number
    having count(*) >= {{ var('affinity_min_pair_basket_count') }}
{%- endmacro %}

{#-
    A member in a market as one number. By two numbers DuckDB joined frequent members to products
    before it knew the market: 24 million rows of which 2 million stayed.
-#}
{% macro affinity_member_key(market, member) -%}
    {{ market }}.market_number * 100000000 + {{ member }}.member_number
{%- endmacro %}

{#- How many baskets of a market a member is in, with its names. -#}
{% macro affinity_member_counts() -%}
    select
        named.affinity_level,
        named.member_code,
        named.member_name,
        total.market_number,
        total.member_number,
        total.basket_count
    from (
        select
            market_number,
            member_number,
            count(*) as basket_count
        from basket_member
        group by market_number, member_number
    ) as total
    inner join (
        select distinct member_number, affinity_level, member_code, member_name
        from product_member
    ) as named
        on total.member_number = named.member_number
{%- endmacro %}
