{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook=[
        "{{ delete_changed('fiscal_period_start_date', 'fiscal_period_start_date', false) }}",
        "{{ begin_with_a_piece() }}",
    ],
    post_hook="{{ insert_other_pieces() }}"
) }}

-- Grain: one row per affinity level (item, category), pair, store cluster and fiscal period, for
-- pairs bought together often enough and beyond chance; left comes before right by code. A period
-- with rolled weeks has none. Nothing is additive: basket_count repeats on every row.
with

receipt as (

    {{ affinity_receipts() }}

),

market as (

    {{ affinity_markets() }}

),

product_member as (

    {{ affinity_product_members() }}

),

frequent_member as (

    {{ affinity_frequent_members() }}

),

basket_member as (

    {{ affinity_basket_members() }}

),

member as (

    {{ affinity_member_counts() }}

),

basket as (

    {{ affinity_baskets() }}

),

candidate as (

    {{ affinity_candidates() }}

),

frequent_bucket as (

    {{ affinity_frequent_buckets() }}

),

pair as (

    {{ affinity_pairs() }}

),

final as (

    select
        left_member.affinity_level,
        market.fiscal_period_code,
        market.fiscal_period_start_date,
        market.cluster_code,
        left_member.member_code as left_code,
        left_member.member_name as left_name,
        right_member.member_code as right_code,
        right_member.member_name as right_name,
        market.basket_count,
        left_member.basket_count as left_basket_count,
        right_member.basket_count as right_basket_count,
        pair.pair_basket_count,
        {{ affinity_measures() }}

    from pair
    inner join market on pair.market_number = market.market_number
    inner join member as left_member
        on
            pair.market_number = left_member.market_number
            and pair.left_number = left_member.member_number
    inner join member as right_member
        on
            pair.market_number = right_member.market_number
            and pair.right_number = right_member.member_number

    where {{ affinity_chi_square() }} > {{ var('affinity_min_chi_square') }}

)

select * from final
