-- Grain: one row per store: its latest extract, whole.
with

extracted as (

    select * from {{ ref('stg_master__store') }}

),

ranked as (

    select
        store_id,
        store_name,
        format,
        open_date,
        close_date,
        remodel_date,
        selling_area_m2,
        region,
        district,
        climate_zone,
        cluster_code,
        time_zone,
        country,
        row_number() over (
            partition by store_id
            order by
                extract_date desc nulls last,
                _file_id desc nulls last,
                _line_number desc nulls last
        ) as recency_number

    from extracted

),

latest as (

    select
        store_id,
        store_name,
        format,
        open_date,
        close_date,
        remodel_date,
        selling_area_m2,
        region,
        district,
        climate_zone,
        cluster_code,
        time_zone,
        country

    from ranked

    where recency_number = 1

)

select * from latest
