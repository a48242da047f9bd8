-- Grain: one row per store and item that lies there and is made for a climate which is not the
-- store's, as of the newest day of stock. Quantities are additive, days of supply are not.
with

stock as (

    {{ stock_of_today() }}

),

tagged as (

    select
        stock.*,
        lower(trim(product.climate_tag)) as climate_tag,
        lower(trim(store.climate_zone)) as climate_zone

    from stock
    inner join {{ ref('dim_product') }} as product
        on
            stock.product_id = product.product_id
            and product.is_current
            and product.climate_tag is not null
    inner join {{ ref('dim_store') }} as store
        on
            stock.store_id = store.store_id
            and store.is_current
            and store.climate_zone is not null

),

judged as (

    -- A zone or a tag that the seed does not name says nothing, so neither does their pair.
    select
        tagged.*,
        fit.climate_tag is not null as is_fit,
        known_zone.climate_zone is not null
        and known_tag.climate_tag is not null as is_known

    from tagged
    left join {{ ref('climate_fit') }} as fit
        on
            tagged.climate_zone = fit.climate_zone
            and tagged.climate_tag = fit.climate_tag
    left join (select distinct climate_zone from {{ ref('climate_fit') }}) as known_zone
        on tagged.climate_zone = known_zone.climate_zone
    left join (select distinct climate_tag from {{ ref('climate_fit') }}) as known_tag
        on tagged.climate_tag = known_tag.climate_tag

),

destination as (

    select
        product_id,
        store_id,
        average_daily_units,
        row_number() over (
            partition by product_id
            order by average_daily_units desc nulls last, store_id asc nulls last
        ) as destination_rank

    from judged
    where is_fit and average_daily_units > 0

),

sent as (

    select
        product_id,
        from_store_id,
        sum(transfer_quantity) as transfer_quantity

    from {{ ref('transfer_suggestion') }}

    group by product_id, from_store_id

),

final as (

    select
        judged.as_of_date,
        judged.store_id,
        judged.product_id,
        judged.climate_tag,
        judged.climate_zone,
        {{ quantity('judged.on_hand_quantity') }} as on_hand_quantity,
        {{ money('judged.on_hand_quantity * judged.unit_cost_amount') }} as stock_cost_amount,
        coalesce(judged.average_daily_units, 0) as average_daily_units,
        destination.store_id as suggested_store_id,
        {{ ratio('judged.on_hand_quantity', 'destination.average_daily_units') }}
            as suggested_supply_days,
        {{ quantity('coalesce(sent.transfer_quantity, 0)') }} as transfer_quantity

    from judged
    left join destination
        on judged.product_id = destination.product_id and destination.destination_rank = 1
    left join sent
        on judged.product_id = sent.product_id and judged.store_id = sent.from_store_id

    where judged.is_known and not judged.is_fit and judged.on_hand_quantity > 0

)

select * from final
