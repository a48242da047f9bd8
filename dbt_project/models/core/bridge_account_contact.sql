-- Grain: one row per account, contact or branch of it, role and span of dates in which a record of
-- the contact named the account. The account is looked for among the records of the same source;
-- one that this source did not deliver is what a bare reference of its number means. Which records
-- are one customer is known as of today, so a contact that was linked with its account has no row.
with

record_version as (

    select
        record.*,
        min(record.extract_date) over (
            partition by record.source_system, record.source_id
        ) as first_extract_date
    from {{ ref('int_customer_record__versioned') }} as record

),

named as (

    select
        record_version.customer_id,
        coalesce(linked.customer_id, reference.customer_id) as account_customer_id,
        case when record_version.customer_type = 'company' then 'branch' else 'contact' end
            as contact_role_code,
        case
            when record_version.extract_date = record_version.first_extract_date
                then {{ first_valid_date() }}
            else record_version.extract_date
        end as valid_from_date,
        case
            when record_version.next_date = {{ last_valid_date() }} then {{ last_valid_date() }}
            else {{ add_days('record_version.next_date', -1) }}
        end as valid_to_date

    from record_version
    left join {{ ref('int_customer__linked') }} as linked
        on
            record_version.source_system = linked.source_system
            and record_version.parent_account_id = linked.source_id
    left join {{ ref('int_customer__identified') }} as reference
        on record_version.parent_account_id = reference.customer_ref

    where record_version.parent_account_id is not null and not record_version.is_deleted

),

merged as (

    {{ merged_spans('named', ['account_customer_id', 'customer_id', 'contact_role_code']) }}

),

final as (

    select
        account_customer_id,
        customer_id,
        contact_role_code,
        valid_from_date,
        valid_to_date,
        valid_to_date = {{ last_valid_date() }} as is_current

    from merged

    where account_customer_id <> customer_id

)

select * from final
