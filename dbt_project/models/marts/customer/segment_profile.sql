-- Grain: one row per rule of one or two conditions under which customers are of tier A more often
-- than others, at the last month end. Rules overlap: nothing is additive over them. Who objects to
-- profiling counts nowhere; a rule speaks of no fewer customers than segment_min_customer_count.
{# Who a customer is and how it began. How much and how often it buys is what tiers are made of. #}
{% set attributes = [
    'customer_type', 'gender', 'age', 'income', 'stage_of_life', 'acquisition_channel',
    'first_channel', 'first_store_format', 'first_region', 'tenure'
] %}

with

described as (

    {{ described_customers() }}

),

cell as (

    -- Customers who are alike in everything count once from here on.
    select
        {{ attributes | join(',\n        ') }},
        count(*) as customer_count,
        {{ count_where("value_tier_code = 'A'") }} as target_count,
        row_number() over (
            order by {{ attributes | join(' asc nulls last, ') }} asc nulls last
        ) as cell_number

    from described

    group by {{ attributes | join(', ') }}

),

house as (

    select sum(customer_count) as customer_count, sum(target_count) as target_count
    from cell

),

fulfilled as (

    {{ profile_conditions(attributes) }}

),

single as (

    select
        attribute_name,
        attribute_code,
        sum(customer_count) as customer_count,
        sum(target_count) as target_count

    from fulfilled

    group by attribute_name, attribute_code

),

pair as (

    {{ profile_pairs() }}

),

rule as (

    {{ profile_rules() }}

),

measured as (

    select
        rule.*,
        {{ ratio('rule.customer_count', 'house.customer_count') }} as support_rate,
        {{ ratio('rule.target_count', 'rule.customer_count') }} as purity_rate,
        {{ ratio('house.target_count', 'house.customer_count') }} as base_rate,
        {{ profile_lift() }} as lift,
        {{ ratio('rule.target_count', 'house.target_count') }} as capture_rate,
        {{ profile_chi_square() }} as chi_square,
        (select max(described.month_end_date) from described) as month_end_date

    from rule
    cross join house

),

final as (

    select
        month_end_date,
        cast(row_number() over (
            order by
                purity_rate desc nulls last,
                customer_count desc nulls last,
                rule_label asc nulls last
        ) as bigint) as rule_rank,
        rule_label,
        condition_count,
        cast(customer_count as bigint) as customer_count,
        cast(target_count as bigint) as key_customer_count,
        support_rate,
        purity_rate,
        base_rate as key_customer_rate,
        lift,
        capture_rate,
        chi_square

    from measured

    where purity_rate > base_rate and chi_square > {{ var('segment_min_chi_square') }}

)

select * from final
