-- Grain: one row per channel in which a retailer sells to or serves a customer.
with

final as (

    select
        named.channel_code,
        named.channel_name,
        named.is_sales_channel,
        named.is_service_channel

    from (
        values
        ('store', 'Store', true, false),
        ('web', 'Web', true, true),
        ('app', 'App', true, true),
        ('phone', 'Phone order', true, false),
        ('social', 'Social media', true, true),
        ('call', 'Call', false, true),
        ('ivr', 'Voice menu', false, true),
        ('chat', 'Chat', false, true),
        ('mail', 'Mail', false, true),
        ('branch', 'Branch', false, true)
    ) as named (channel_code, channel_name, is_sales_channel, is_service_channel)

)

select * from final
