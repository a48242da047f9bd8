-- Grain: one row per level (item, category), member, competitor and fiscal week in which a price of
-- the competitor holds. Nothing is additive over levels, competitors or prices.
with

competitor_week as (

    {{ competitor_weeks() }}

),

own_week as (

    {{ own_price_weeks('competitor_week') }}

),

compared as (

    {{ compared_prices('competitor_week', 'own_week') }}

),

category_week as (

    select
        fiscal_week_start_date,
        category_name,
        sum(net_amount) as net_amount

    from own_week

    group by fiscal_week_start_date, category_name

),

item as (

    select
        'item' as index_level,
        product_id as member_code,
        product_name as member_name,
        competitor_name,
        fiscal_week_start_date,
        own_price_amount,
        {{ rounded_money('competitor_price') }} as competitor_price_amount,
        last_observed_date,
        is_stale,
        is_competitor_promotion,
        case when is_compared then 1 else 0 end as compared_item_count,
        own_basket_amount,
        competitor_basket_amount,
        cast(null as double) as coverage_rate

    from compared

),

category as (

    select
        'category' as index_level,
        compared.category_name as member_code,
        compared.category_name as member_name,
        compared.competitor_name,
        compared.fiscal_week_start_date,
        {{ money('null') }} as own_price_amount,
        {{ money('null') }} as competitor_price_amount,
        max(compared.last_observed_date) as last_observed_date,
        false as is_stale,
        max(case when compared.is_competitor_promotion then 1 else 0 end) = 1
            as is_competitor_promotion,
        count(*) as compared_item_count,
        sum(compared.own_basket_amount) as own_basket_amount,
        sum(compared.competitor_basket_amount) as competitor_basket_amount,
        {{ ratio('sum(compared.net_amount)', 'max(category_week.net_amount)') }} as coverage_rate

    from compared
    inner join category_week
        on
            compared.category_name = category_week.category_name
            and compared.fiscal_week_start_date = category_week.fiscal_week_start_date

    where compared.is_compared and compared.category_name <> 'Unknown'

    group by
        compared.category_name, compared.competitor_name, compared.fiscal_week_start_date

),

final as (

    {% for level in ['item', 'category'] -%}
    select
        index_level,
        member_code,
        member_name,
        competitor_name,
        fiscal_week_start_date,
        own_price_amount,
        competitor_price_amount,
        last_observed_date,
        is_stale,
        is_competitor_promotion,
        cast(compared_item_count as bigint) as compared_item_count,
        {{ money('own_basket_amount') }} as own_basket_amount,
        {{ money('competitor_basket_amount') }} as competitor_basket_amount,
        {{ ratio('own_basket_amount', 'competitor_basket_amount') }} as price_index,
        coverage_rate

    from {{ level }}

    {% if not loop.last -%}
    union all

    {% endif %}
    {%- endfor -%}

)

select * from final
