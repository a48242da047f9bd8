-- Grain: one row per combination that a receipt line can have of what its till and header may say,
-- with its key. Few rows, so that the sales fact looks up a key by its attributes and hashes none.
-- A receipt without a header has the type 'unknown', and false for what only a header says.
with

channel as (

    select 'store' as channel
    union all
    select 'web' as channel
    union all
    select 'app' as channel
    union all
    select 'phone' as channel
    union all
    select 'social' as channel

),

transaction_type as (

    select 'sale' as transaction_type
    union all
    select 'return' as transaction_type
    union all
    select 'exchange' as transaction_type
    union all
    select {{ unknown_id() }} as transaction_type

),

entry_method as (

    select 'scanned' as entry_method
    union all
    select 'keyed' as entry_method
    union all
    select 'weighed' as entry_method
    union all
    select {{ unknown_id() }} as entry_method

),

flag as (

    select true as is_set
    union all
    select false as is_set

),

combined as (

    select
        channel.channel,
        transaction_type.transaction_type,
        entry_method.entry_method,
        offline_flag.is_set as is_offline,
        override_flag.is_set as is_overridden,
        loyalty_flag.is_set as is_loyalty_present

    from channel
    cross join transaction_type
    cross join entry_method
    cross join flag as offline_flag
    cross join flag as override_flag
    cross join flag as loyalty_flag

),

final as (

    select
        {{ surrogate_key([
            'channel',
            'transaction_type',
            'entry_method',
            "case when is_offline then 'offline' else 'online' end",
            "case when is_overridden then 'override' else 'no override' end",
            "case when is_loyalty_present then 'card' else 'no card' end",
        ]) }} as transaction_profile_key,
        *

    from combined

)

select * from final
