-- Grain: one row per reason of a service case, with the department that was in charge last, and the
-- unknown one. A tie of moments goes to the department that comes last in the alphabet.
with

change as (

    select * from {{ ref('stg_service__case') }}

),

named as (

    select
        coalesce(reason_code, {{ unknown_id() }}) as reason_code,
        max(case when owner_department is not null then changed_at end) as named_at

    from change

    group by coalesce(reason_code, {{ unknown_id() }})

),

owner as (

    select
        named.reason_code,
        max(change.owner_department) as owner_department

    from named
    inner join change
        on
            named.reason_code = coalesce(change.reason_code, {{ unknown_id() }})
            and named.named_at = change.changed_at

    group by named.reason_code

),

member as (

    select reason_code from named

    union

    select {{ unknown_id() }} as reason_code

),

final as (

    select
        member.reason_code,
        member.reason_code as case_reason_name,
        owner.owner_department

    from member
    left join owner on member.reason_code = owner.reason_code

)

select * from final
