-- Grain: one row per means of payment that the contract of tenders allows.
with

final as (

    select
        named.tender_code,
        named.tender_name,
        named.is_cash

    from (
        values
        ('cash', 'Cash', true),
        ('card', 'Card', false),
        ('alipay', 'Alipay', false),
        ('wechat', 'WeChat Pay', false),
        ('gift_card', 'Gift card', false),
        ('voucher', 'Voucher', false),
        ('on_account', 'On account', false),
        ('points', 'Loyalty points', false),
        ('foreign', 'Foreign cash', true),
        ('mixed', 'Several means', false),
        ('unknown', 'Unknown', false)
    ) as named (tender_code, tender_name, is_cash)

)

select * from final
