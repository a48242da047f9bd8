-- Grain: one row per band of prices of one unit in the reporting currency, and the unknown one.
-- Facts do not carry the code: a price is in the band with from_price_amount <= price, and price <
-- to_price_amount or no to_price_amount. The seed names where bands begin, so that none overlap.
with

band as (

    select
        from_price_amount,
        lead(from_price_amount) over (order by from_price_amount nulls last) as to_price_amount

    from {{ ref('price_band') }}

),

final as (

    select
        cast(from_price_amount as {{ dbt.type_string() }}) as price_band_code,
        case
            when to_price_amount is null
                then concat('from ', cast(from_price_amount as {{ dbt.type_string() }}))
            else concat(
                cast(from_price_amount as {{ dbt.type_string() }}),
                ' to below ',
                cast(to_price_amount as {{ dbt.type_string() }})
            )
        end as price_band_name,
        {{ money('from_price_amount') }} as from_price_amount,
        {{ money('to_price_amount') }} as to_price_amount

    from band

    union all

    select
        {{ unknown_id() }} as price_band_code,
        {{ unknown_id() }} as price_band_name,
        {{ money('null') }} as from_price_amount,
        {{ money('null') }} as to_price_amount

)

select * from final
