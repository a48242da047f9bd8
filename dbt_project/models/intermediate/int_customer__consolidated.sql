-- Grain: one row per customer number: its latest record, whole, over all source systems.
-- A number whose latest record is a deletion is left out: its sales stay, with an inferred member.
with

extracted as (

    select * from {{ ref('stg_crm__customer') }}

),

ranked as (

    select
        customer_id,
        source_system,
        customer_type,
        birth_year,
        gender,
        country,
        home_store_id,
        acquisition_date,
        acquisition_channel,
        age_band,
        income_band,
        marital_status,
        home_ownership,
        household_size,
        household_composition,
        children_count,
        operation_code,
        row_number() over (
            partition by customer_id
            order by
                extracted_at desc nulls last,
                source_system asc nulls last,
                _file_id desc nulls last,
                _line_number desc nulls last
        ) as recency_number

    from extracted

),

latest as (

    select
        customer_id,
        source_system,
        customer_type,
        birth_year,
        gender,
        country,
        home_store_id,
        acquisition_date,
        acquisition_channel,
        age_band,
        income_band,
        marital_status,
        home_ownership,
        household_size,
        household_composition,
        children_count

    from ranked

    where
        recency_number = 1
        and coalesce(operation_code, 'U') <> 'D'

)

select * from latest
