{{ config(meta={'dagster': {'ref': {'name': 'store_cluster'}}}) }}

-- A returned row is a store that sold and has no peers, or has some and did not sell.
select
    coalesce(mix.store_id, peers.store_id) as store_id,
    peers.cluster_code

from (select distinct store_id from {{ ref('store_mix') }}) as mix
full outer join {{ ref('store_cluster') }} as peers on mix.store_id = peers.store_id

where mix.store_id is null or peers.store_id is null
