-- Grain: one row per store and version: what the master said of it from one date to another, with a
-- label where it said nothing.
-- A store that a later extract no longer names stays as it was: silence closes no store.
{%- set attributes = [
    'store_name', 'format', 'open_date', 'close_date', 'remodel_date', 'selling_area_m2', 'region',
    'district', 'climate_zone', 'cluster_code', 'time_zone', 'country'
] %}
with

extracted as (

    {{ latest_extract(ref('stg_master__store'), ['store_id', 'extract_date']) }}

),

labelled as (

    select
        store_id,
        coalesce(store_name, store_id) as store_name,
        format,
        open_date,
        close_date,
        remodel_date,
        selling_area_m2,
        region,
        district,
        climate_zone,
        coalesce(cluster_code, 'unclustered') as cluster_code,
        time_zone,
        country,
        extract_date

    from extracted

),

changed as (

    {{ changed_states('labelled', ['store_id'], 'extract_date', attributes) }}

),

versioned as (

    {{ dated_versions('changed', ['store_id'], 'extract_date', attributes) }}

)

select * from versioned
