{#-
    What offers sold, against what they would have sold, for promo_lift. An item in a store is held by a
    number: texts are dear to sort.
-#}

{#-
    Trading days of the spans of offers by week; a span with a day of which no receipts are kept has
    none. Expects period.
-#}
{% macro traded_spans() -%}
    select
        span.store_id,
        span.from_date,
        span.to_date,
        day.fiscal_week_start_date,
        count(*) as trading_day_count
    from (select distinct store_id, from_date, to_date from period) as span
    inner join {{ ref('fct_sales_day') }} as sales_day
        on
            span.store_id = sales_day.store_id
            and span.from_date <= sales_day.business_date
            and span.to_date >= sales_day.business_date
    inner join {{ ref('dim_date') }} as day on sales_day.business_date = day.date_day
    where not exists (
        select 1 from {{ ref('fct_sales_day') }} as rolled_day
        where
            rolled_day.is_rolled
            and rolled_day.store_id = span.store_id
            and rolled_day.business_date >= span.from_date
            and rolled_day.business_date <= span.to_date
    )
    group by span.store_id, span.from_date, span.to_date, day.fiscal_week_start_date
{%- endmacro %}

{#- What was sold of an offer in its own days and in the weeks after it. Expects period and sold_day. -#}
{% macro sold_in_periods() -%}
    select
        period.offer_number,
        period.is_after,
        sum(sold_day.unit_count) as unit_count,
        sum(sold_day.net_amount) as net_amount,
        sum(sold_day.margin_amount) as margin_amount,
        sum(sold_day.discount_amount) as discount_amount,
        sum(sold_day.rest_margin_amount) as rest_margin_amount,
        sum(sold_day.rest_receipt_count) as rest_receipt_count
    from period
    inner join sold_day
        on
            period.store_item_number = sold_day.store_item_number
            and period.from_date <= sold_day.business_date
            and period.to_date >= sold_day.business_date
    group by period.offer_number, period.is_after
{%- endmacro %}

{#-
    Trading days and sales of each offer, and of the weeks after it. Nothing sold is no margin, and not
    an unknown one. Expects period, traded and sold.
-#}
{% macro told_offers() -%}
    {%- set own = 'case when not period.is_after then ' -%}
    select
        period.offer_number,
        max({{ own }} traded_span.trading_day_count end) as trading_day_count,
        max({{ own }} coalesce(sold.unit_count, 0) end) as unit_count,
        max({{ own }} coalesce(sold.net_amount, 0) end) as net_amount,
        max({{ own }} case when sold.offer_number is null then 0 else sold.margin_amount end end)
            as margin_amount,
        max({{ own }} coalesce(sold.discount_amount, 0) end) as discount_amount,
        max({{ own }} case when sold.offer_number is null then 0 else sold.rest_margin_amount end end)
            as rest_margin_amount,
        max({{ own }} coalesce(sold.rest_receipt_count, 0) end) as rest_receipt_count,
        max(case when period.is_after then traded_span.trading_day_count end)
            as after_trading_day_count,
        max(case when period.is_after then coalesce(sold.unit_count, 0) end) as after_unit_count
    from period
    inner join (
        select
            store_id,
            from_date,
            to_date,
            sum(trading_day_count) as trading_day_count
        from traded
        group by store_id, from_date, to_date
    ) as traded_span
        on
            period.store_id = traded_span.store_id
            and period.from_date = traded_span.from_date
            and period.to_date = traded_span.to_date
    left join sold
        on period.offer_number = sold.offer_number and period.is_after = sold.is_after
    group by period.offer_number
{%- endmacro %}

{#- Each offer against its baseline. Expects offer, baseline, period, traded, sold and cannibalised. -#}
{% macro judged_offers() -%}
    select
        expected.*,
        {{ rounded_money('margin_amount - baseline_units * margin_per_unit') }}
            as incremental_margin_amount,
        {{ rounded_money('ahead_units * margin_per_unit') }} as pull_forward_margin_amount,
        {{ rounded_money('rest_margin_amount - rest_receipt_count * rest_margin_per_receipt') }}
            as halo_margin_amount
    from (
        select
            offer.*,
            told.unit_count,
            told.net_amount,
            told.margin_amount,
            told.discount_amount,
            told.rest_margin_amount,
            told.rest_receipt_count,
            baseline.margin_per_unit,
            case when baseline.units_per_day > 0 then baseline.rest_margin_per_receipt end
                as rest_margin_per_receipt,
            case
                when offer.undisturbed_week_count < {{ var('promo_min_baseline_weeks') }}
                    then 'too few weeks'
                when baseline.units_per_day = 0 then 'seldom sold'
            end as missing_reason,
            nullif(baseline.units_per_day, 0) * told.trading_day_count as baseline_units,
            nullif(baseline.units_per_day, 0) * told.after_trading_day_count - told.after_unit_count
                as ahead_units,
            case when baseline.units_per_day > 0 then coalesce(cannibalised.lost_quantity, 0) end
                as cannibalised_quantity,
            case
                when coalesce(baseline.units_per_day, 0) = 0 then null
                when cannibalised.offer_number is null then 0
                else cannibalised.lost_margin_amount
            end as cannibalised_margin_amount
        from offer
        inner join ({{ told_offers() }}) as told
            on
                offer.offer_number = told.offer_number
                and told.trading_day_count is not null
        left join baseline
            on
                offer.store_item_number = baseline.store_item_number
                and offer.fiscal_week_start_date = baseline.fiscal_week_start_date
        left join cannibalised on offer.offer_number = cannibalised.offer_number
    ) as expected
{%- endmacro %}
