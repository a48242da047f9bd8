{#- The parts of promo_lift. An item in a store is held by a number: texts are dear to sort. -#}

{#-
    The first days of offers that a changed date is seen in: a date of the eight weeks before an offer
    or another item's, of the offer, of the weeks after it, or of a week that one of these touches. An
    offer is told once it has ended, so that the days since the last trading day count as changed.
-#}
{% macro promo_reach() -%}
    {%- if names_changed() -%}
    select
        {{ add_days(
            'coalesce(max(sales_day.business_date), changed_span.from_date)',
            -6 - var('promo_max_days') - 7 * var('promo_after_weeks')
        ) }} as from_date,
        {{ add_days('changed_span.to_date', 6 + 7 * var('promo_baseline_weeks')) }} as to_date
    from ({{ changed_stock_spans() }}) as changed_span
    left join (select distinct business_date from {{ ref('fct_sales_day') }}) as sales_day
        on changed_span.from_date > sales_day.business_date
    group by changed_span.from_date, changed_span.to_date
    {%- endif -%}
{%- endmacro %}

{#- The condition that keeps what offers to build may be told of: their weeks, and those around them. -#}
{% macro is_near_offers(from_column, to_column) -%}
    {%- if names_changed() -%}
    {{ from_column }} <= (
        select {{ add_days('max(to_date)', var('promo_max_days') + 7 * var('promo_after_weeks')) }}
        from ({{ promo_reach() }}) as reach
    )
    and {{ to_column }} >= (
        select {{ add_days('min(from_date)', -6 - 7 * var('promo_baseline_weeks')) }}
        from ({{ promo_reach() }}) as reach
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The condition that the weeks after an offer have passed. -#}
{% macro is_promo_over(to_date) -%}
    {{ add_days(to_date, 7 * var('promo_after_weeks')) }}
    <= (select max(sales_day.business_date) from {{ ref('fct_sales_day') }} as sales_day)
{%- endmacro %}

{#-
    The days of an offer, and of the weeks after it that show what was bought ahead; these are told once
    two have passed. Expects offer, covered and followed.
-#}
{% macro offer_periods() -%}
    select
        offer_number,
        store_item_number,
        store_id,
        false as is_after,
        from_date,
        to_date
    from offer

    union all

    select
        offer.offer_number,
        offer.store_item_number,
        offer.store_id,
        true as is_after,
        {{ add_days('offer.to_date', 1) }} as from_date,
        {{ add_days('offer.to_date', '7 * after_offer.after_week_count') }} as to_date
    from offer
    inner join ({{ undisturbed_weeks_after() }}) as after_offer
        on offer.offer_number = after_offer.offer_number
    where after_offer.after_week_count > 0 and {{ is_promo_over('offer.to_date') }}
{%- endmacro %}

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

{#-
    Receipts that hold an item of an offer, by item and day: what was sold of it, and the margin of what
    else was in them. Expects offer.
-#}
{% macro sold_offer_days() -%}
    select
        sold_receipt.store_item_number,
        sold_receipt.business_date,
        sum(sold_receipt.unit_count) as unit_count,
        sum(sold_receipt.net_amount) as net_amount,
        sum(sold_receipt.margin_amount) as margin_amount,
        sum(sold_receipt.discount_amount) as discount_amount,
        sum(
            case when sold_receipt.unit_count > 0
                then basket.margin_amount - sold_receipt.margin_amount end
        ) as rest_margin_amount,
        sum(
            case
                when
                    sold_receipt.unit_count > 0
                    and basket.margin_amount is not null
                    and sold_receipt.margin_amount is not null
                    then 1
                else 0
            end
        ) as rest_receipt_count
    from (
        select
            offered.store_item_number,
            sale.business_date,
            sale.receipt_id,
            sum(sale.unit_count) as unit_count,
            sum(sale.net_amount) as net_amount,
            sum(sale.margin_amount) as margin_amount,
            sum(case when sale.line_type = 'sale' then sale.line_discount_amount end)
                as discount_amount
        from {{ ref('fct_sales') }} as sale
        inner join (
            select distinct store_item_number, store_id, product_id from offer
        ) as offered
            on sale.store_id = offered.store_id and sale.product_id = offered.product_id
        where {{ is_near_offers('sale.business_date', 'sale.business_date') }}
        group by offered.store_item_number, sale.business_date, sale.receipt_id
    ) as sold_receipt
    left join {{ ref('fct_basket') }} as basket
        on
            sold_receipt.receipt_id = basket.receipt_id
            and sold_receipt.business_date = basket.business_date
    group by sold_receipt.store_item_number, sold_receipt.business_date
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

{#- Trading days and sales of each offer and of the weeks after it. Expects period, traded and sold. -#}
{% macro told_periods(is_after) -%}
    select
        period.offer_number,
        traded_span.trading_day_count,
        coalesce(sold.unit_count, 0) as unit_count,
        coalesce(sold.net_amount, 0) as net_amount,
        -- Nothing sold is no margin, and not an unknown one.
        case when sold.offer_number is null then 0 else sold.margin_amount end as margin_amount,
        coalesce(sold.discount_amount, 0) as discount_amount,
        case when sold.offer_number is null then 0 else sold.rest_margin_amount end
            as rest_margin_amount,
        coalesce(sold.rest_receipt_count, 0) as rest_receipt_count
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
    where {{ 'period.is_after' if is_after else 'not period.is_after' }}
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
            own.unit_count,
            own.net_amount,
            own.margin_amount,
            own.discount_amount,
            own.rest_margin_amount,
            own.rest_receipt_count,
            baseline.margin_per_unit,
            case when baseline.units_per_day > 0 then baseline.rest_margin_per_receipt end
                as rest_margin_per_receipt,
            case
                when offer.undisturbed_week_count < {{ var('promo_min_baseline_weeks') }}
                    then 'too few weeks'
                when baseline.units_per_day = 0 then 'seldom sold'
            end as missing_reason,
            nullif(baseline.units_per_day, 0) * own.trading_day_count as baseline_units,
            nullif(baseline.units_per_day, 0) * later.trading_day_count - later.unit_count
                as ahead_units,
            case when baseline.units_per_day > 0 then coalesce(cannibalised.lost_quantity, 0) end
                as cannibalised_quantity,
            case
                when coalesce(baseline.units_per_day, 0) = 0 then null
                when cannibalised.offer_number is null then 0
                else cannibalised.lost_margin_amount
            end as cannibalised_margin_amount
        from offer
        inner join ({{ told_periods(is_after=false) }}) as own
            on offer.offer_number = own.offer_number
        left join ({{ told_periods(is_after=true) }}) as later
            on offer.offer_number = later.offer_number
        left join baseline
            on
                offer.store_item_number = baseline.store_item_number
                and offer.fiscal_week_start_date = baseline.fiscal_week_start_date
        left join cannibalised on offer.offer_number = cannibalised.offer_number
    ) as expected
{%- endmacro %}
