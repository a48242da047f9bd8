-- Grain: one row per store that sold in the last 52 weeks: the stores that it is compared with.
-- What the store master says wins; where it says nothing, stores of a like mix and climate are
-- peers.
with

seller as (

    select distinct
        fiscal_week_start_date,
        store_id
    from {{ ref('store_mix') }}

),

final as (

    select
        seller.store_id,
        seller.fiscal_week_start_date,
        dim_store.climate_zone,
        case
            when dim_store.cluster_code <> 'unclustered' then dim_store.cluster_code
            else coalesce(found.computed_cluster_code, 'unclustered')
        end as cluster_code,
        case
            when dim_store.cluster_code <> 'unclustered' then 'master'
            when found.computed_cluster_code is not null then 'computed'
            else 'none'
        end as cluster_source_code,
        found.computed_cluster_code,
        found.centre_distance,
        found.silhouette

    from seller
    inner join {{ ref('dim_store') }} as dim_store
        on seller.store_id = dim_store.store_id and dim_store.is_current
    left join {{ made_in_python('int_store__clustered') }} as found
        on seller.store_id = found.store_id

)

select * from final
