-- Grain: one row per combination of what till and header say of a receipt line that some line of
-- fct_sales has. What only a header says is NULL where there was none: silence is not a fact.
with

used as (

    select distinct transaction_profile_key from {{ ref('fct_sales') }}

),

final as (

    select
        possible.transaction_profile_key,
        possible.channel,
        possible.transaction_type,
        possible.entry_method,
        case when possible.transaction_type <> {{ unknown_id() }} then possible.is_offline end
            as is_offline,
        possible.is_overridden,
        case
            when possible.transaction_type <> {{ unknown_id() }} then possible.is_loyalty_present
        end as is_loyalty_present

    from {{ ref('int_transaction_profile__possible') }} as possible
    inner join used on possible.transaction_profile_key = used.transaction_profile_key

)

select * from final
