-- Grain: one row per promotion: its latest extract, whole.
with

extracted as (

    select * from {{ ref('stg_master__promotion') }}

),

ranked as (

    select
        promotion_id,
        promotion_name,
        promotion_type,
        mechanic,
        display,
        ad,
        funding,
        start_date,
        end_date,
        row_number() over (
            partition by promotion_id
            order by
                extract_date desc nulls last,
                _file_id desc nulls last,
                _line_number desc nulls last
        ) as recency_number

    from extracted

),

latest as (

    select
        promotion_id,
        promotion_name,
        promotion_type,
        mechanic,
        display,
        ad,
        funding,
        start_date,
        end_date

    from ranked

    where recency_number = 1

)

select * from latest
