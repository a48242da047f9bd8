-- Grain: one row per receipt line of any type, signed. Nothing is dropped here: exclusion_reason
-- says why a line does not count as a sale, and the sales fact keeps the lines without a reason.
-- One condition and not three: each more makes DuckDB guess the lines five times fewer.
with

source as (

    select
        *,
        case when {{ needs_code('item_id', 'gtin') }} then {{ gtin_14('gtin') }} end
            as padded_gtin
    from {{ source('raw', 'pos_line') }}

),

line as (

    select
        *,
        case when {{ has_gtin_check_digit('padded_gtin') }} then padded_gtin end as sound_gtin
    from source

),

excluded as (

    select * from {{ source('ledger', 'excluded_row') }}
    where feed = 'pos_line'

),

renamed as (

    select
        ---------- ids
        line.store_id,
        line.workstation_id,
        line.transaction_seq as transaction_number,
        line.business_date,
        line.line_seq as line_number,
        {{ line_item(
            'line.item_id',
            'line.gtin',
            'line.sound_gtin',
            var('in_store_item_digits'),
            var('in_store_values')
        ) }} as product_id,
        line.customer_ref,
        line.promotion_id,
        line.salesperson_id,
        line.serial_no as serial_ref,
        line.original_store_id,
        line.original_workstation_id,
        line.original_transaction_seq as original_transaction_number,
        line.original_business_date,
        line.original_line_seq as original_line_number,

        ---------- text
        line.line_type,
        line.uom as unit_of_measure,
        coalesce(line.channel, 'store') as channel,
        line.entry_method,
        line.return_reason as return_reason_code,

        ---------- signed numerics
        {{ signed('line.qty', 'line.line_type') }} as quantity,
        {{ signed('line.extended_amount', 'line.line_type') }} as net_amount,
        {{ signed_or_zero('line.line_discount', 'line.line_type') }} as line_discount_amount,
        {{ signed_or_zero('line.store_coupon_amount', 'line.line_type') }} as store_coupon_amount,
        {{ signed_or_zero('line.manufacturer_coupon_amount', 'line.line_type') }}
            as manufacturer_coupon_amount,
        {{ signed('line.tax_amount', 'line.line_type') }} as tax_amount,
        line.unit_cost as unit_cost_amount,
        {{ money(
            in_store_value(
                'line.sound_gtin', 'price', var('in_store_value_digits'), var('in_store_values')
            ) ~ ' * 0.01'
        ) }} as coded_price_amount,
        {{ quantity(
            in_store_value(
                'line.sound_gtin', 'weight', var('in_store_value_digits'), var('in_store_values')
            ) ~ ' * 0.001'
        ) }} as coded_weight_quantity,

        ---------- booleans
        line.restock_flag as is_restocked,

        ---------- timestamps
        -- as an instant: Spark reads a naive timestamp from Parquet as a type of its own
        cast(line.sold_at as timestamp) as sold_at,

        ---------- why the line does not count as a sale
        case
            when excluded.kind is not null then excluded.kind
            when line.void_flag then 'void'
            when line.line_type not in ('sale', 'return') then line.line_type
        end as exclusion_reason

    from line
    left join excluded
        on line._file_id = excluded.file_id and line._line_number = excluded.line_number

)

select * from renamed
