-- Grain: one row per item and serial number that was sold, registered or repaired, accumulating.
-- Counts and costs of repairs are additive. The owner is who registered it last, else who bought
-- it. Versions are those of the first date that is known.
{%- set first_known_date -%}
    coalesce(
            traded.sold_date,
            registered.named_sold_date,
            registered.registered_date,
            repaired.first_repair_date
        )
{%- endset %}
with

traded as (

    select
        product_id,
        serial_ref,
        max(case when line_type = 'sale' then business_date end) as sold_date,
        max(case when line_type = 'return' then business_date end) as returned_date,
        {{ last_filled(filled_text('customer_ref'), 'business_date') }} as buyer_id

    from {{ ref('stg_pos__sales_line') }}

    where serial_ref is not null and exclusion_reason is null

    group by product_id, serial_ref

),

registered as (

    select
        product_id,
        serial_ref,
        max(registered_date) as registered_date,
        min(business_date) as named_sold_date,
        max(warranty_month_count) as warranty_month_count,
        {{ last_filled('warranty_name', 'registered_date') }} as warranty_name,
        {{ last_filled('nullif(customer_id, ' ~ unknown_id() ~ ')', 'registered_date') }}
            as owner_id

    from {{ ref('stg_service__serial_registration') }}

    group by product_id, serial_ref

),

repaired as (

    select
        product_id,
        serial_ref,
        count(*) as repair_count,
        min(case_opened_date) as first_repair_date,
        max(case_opened_date) as last_repair_date,
        sum(case_cost_amount) as repair_cost_amount

    from {{ ref('fct_repair') }}

    where serial_ref is not null

    group by product_id, serial_ref

),

piece as (

    select product_id, serial_ref from traded

    union

    select product_id, serial_ref from registered

    union

    select product_id, serial_ref from repaired

),

final as (

    select
        product.product_key,
        product.product_id,
        piece.serial_ref,
        customer.customer_key,
        customer.customer_id,
        coalesce(traded.sold_date, registered.named_sold_date) as sold_date,
        case when traded.returned_date >= traded.sold_date then traded.returned_date end
            as returned_date,
        registered.registered_date,
        registered.warranty_name,
        {{ add_months(
            'coalesce(traded.sold_date, registered.named_sold_date, registered.registered_date)',
            'registered.warranty_month_count'
        ) }} as warranty_end_date,
        cast(coalesce(repaired.repair_count, 0) as bigint) as repair_count,
        repaired.first_repair_date,
        repaired.last_repair_date,
        {{ money('repaired.repair_cost_amount') }} as repair_cost_amount

    from piece
    left join traded
        on piece.product_id = traded.product_id and piece.serial_ref = traded.serial_ref
    left join registered
        on piece.product_id = registered.product_id and piece.serial_ref = registered.serial_ref
    left join repaired
        on piece.product_id = repaired.product_id and piece.serial_ref = repaired.serial_ref
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', reference_id('piece.product_id'), first_known_date) }}
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on(
            'coalesce(registered.owner_id, traded.buyer_id, ' ~ unknown_id() ~ ')', first_known_date
        ) }}

)

select * from final
