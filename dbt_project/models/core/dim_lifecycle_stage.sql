-- Grain: one row per stage of a customer's life, and the unknown one. A prospect never bought.
-- Of the others, who bought again after a lapse is won back within its limits, and new no more;
-- else the first stage counts, by number, whose limits hold.
with

final as (

    select
        lifecycle_stage_code,
        lifecycle_stage_name,
        lifecycle_stage_number,
        over_cycle_multiple,
        up_to_cycle_multiple,
        tenure_limit_days,
        gap_limit_days

    from {{ ref('lifecycle_stage') }}

    union all

    select
        {{ unknown_id() }} as lifecycle_stage_code,
        {{ unknown_id() }} as lifecycle_stage_name,
        cast(null as bigint) as lifecycle_stage_number,
        cast(null as decimal(9, 2)) as over_cycle_multiple,
        cast(null as decimal(9, 2)) as up_to_cycle_multiple,
        cast(null as bigint) as tenure_limit_days,
        cast(null as bigint) as gap_limit_days

)

select * from final
