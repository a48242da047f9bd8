{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_week_start_date', 'fiscal_week_start_date') }}"
) }}

-- Grain: one row per store, item, promotion and fiscal week with a line in fct_sales, or with one
-- when its receipts were still kept: then is_rolled. All measures are additive. Ids and no keys: in
-- a week a member may have two versions.
with

sales_line as (

    select
        fct_sales.*,
        dim_date.fiscal_week_start_date

    from {{ ref('fct_sales') }} as fct_sales
    inner join {{ ref('dim_date') }} as dim_date
        on fct_sales.business_date = dim_date.date_day

    where {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date') }}

),

summed as (

    select
        store_id,
        product_id,
        promotion_key,
        fiscal_week_start_date,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(unit_count) as unit_count,
        sum(case when line_type = 'sale' then gross_amount else 0 end) as gross_amount,
        sum(
            case
                when line_type = 'sale'
                    then line_discount_amount + store_coupon_amount + basket_discount_amount
                else 0
            end
        ) as discount_amount,
        sum(case when line_type = 'return' then -net_amount else 0 end) as returns_amount,
        sum(net_amount) as net_amount,
        sum(tax_amount) as tax_amount,
        sum(cost_amount) as cost_amount,
        sum(margin_amount) as margin_amount,
        sum(manufacturer_coupon_amount) as manufacturer_coupon_amount

    from sales_line

    group by store_id, product_id, promotion_key, fiscal_week_start_date

),

detailed as (

    select
        summed.*,
        promotion.promotion_id

    from summed
    left join {{ ref('dim_promotion') }} as promotion
        on summed.promotion_key = promotion.promotion_key

),

rolled as (

    select * from {{ ref('int_sales_week__rolled') }}
    where {{ is_changed('fiscal_week_start_date', 'fiscal_week_start_date') }}

),

final as (

    {% for source, is_rolled in [('detailed', 'false'), ('rolled', 'true')] -%}
    select
        store_id,
        product_id,
        promotion_id,
        fiscal_week_start_date,
        cast(line_count as bigint) as line_count,
        {{ quantity('quantity') }} as quantity,
        {{ quantity('unit_count') }} as unit_count,
        {{ money('gross_amount') }} as gross_amount,
        {{ money('discount_amount') }} as discount_amount,
        {{ money('returns_amount') }} as returns_amount,
        {{ money('net_amount') }} as net_amount,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('cost_amount') }} as cost_amount,
        {{ money('margin_amount') }} as margin_amount,
        {{ money('manufacturer_coupon_amount') }} as manufacturer_coupon_amount,
        {{ is_rolled }} as is_rolled

    from {{ source }}

    {% if not loop.last -%}
    union all

    {% endif %}
    {%- endfor -%}

)

-- A week must stay together for the zone maps, or each night would read all of them.
select * from final
order by fiscal_week_start_date
