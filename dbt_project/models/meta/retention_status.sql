-- Grain: one row per rule of the seed retention: from which day on single rows are kept. NULL where
-- they are kept for ever, or none was ever taken out.
with

rule as (

    select * from {{ ref('retention') }}

),

kept_from as (

    select * from {{ source('retention', 'kept_from') }}

),

final as (

    select
        rule.entity as entity_code,
        rule.country as country_code,
        rule.detail_weeks,
        rule.legal_basis,
        kept_from.kept_from_date,
        kept_from.as_of_date

    from rule
    left join kept_from
        on
            rule.entity = kept_from.entity
            and case when rule.country = '*' then {{ unknown_id() }} else upper(rule.country) end
            = kept_from.country

)

select * from final
