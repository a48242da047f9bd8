{#- What items of offers sell and earn without them, for promo_lift. -#}

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
        where {{ is_date_near_offers('sale.business_date') }}
        group by offered.store_item_number, sale.business_date, sale.receipt_id
    ) as sold_receipt
    left join (
        select receipt_id, business_date, margin_amount from {{ ref('fct_basket') }}
        where {{ is_date_near_offers('business_date') }}
    ) as basket
        on
            sold_receipt.receipt_id = basket.receipt_id
            and sold_receipt.business_date = basket.business_date
    group by sold_receipt.store_item_number, sold_receipt.business_date
{%- endmacro %}

{#-
    What an item sells by trading day without an offer: the median of its undisturbed weeks, so that no
    coach party is the measure. Weeks without a sale have no row and count as nothing. By item and week
    that an offer touches. Expects followed and sold_day.
-#}
{% macro item_baselines() -%}
    select
        store_item_number,
        fiscal_week_start_date,
        trading_day_count,
        unit_count,
        sum(
            case when sold_rank in (floor((week_count + 1) / 2e0), floor((week_count + 2) / 2e0))
                then units_per_day * case when mod(week_count, 2) = 1 then 1 else 0.5e0 end
            else 0 end
        ) as units_per_day,
        {{ ratio('sum(margin_amount)', 'sum(costed_unit_count)') }} as margin_per_unit,
        {{ ratio('sum(rest_margin_amount)', 'sum(rest_receipt_count)') }} as rest_margin_per_receipt
    from (
        select
            asked.store_item_number,
            asked.fiscal_week_start_date,
            asked.trading_day_count,
            asked.unit_count,
            asked.undisturbed_week_count as week_count,
            sold.margin_amount,
            sold.costed_unit_count,
            rest_week.rest_margin_amount,
            rest_week.rest_receipt_count,
            {{ ratio('sold.unit_count', 'sold.trading_day_count') }} as units_per_day,
            row_number() over (
                partition by asked.store_item_number, asked.fiscal_week_start_date
                order by
                    {{ ratio('sold.unit_count', 'sold.trading_day_count') }} desc nulls last,
                    sold.day_number asc nulls last
            ) as sold_rank
        from followed as asked
        inner join followed as sold
            on
                asked.store_item_number = sold.store_item_number
                and asked.day_number > sold.day_number
                and asked.day_number - {{ 7 * var('promo_baseline_weeks') }} <= sold.day_number
        left join (
            select
                sold_day.store_item_number,
                day.fiscal_week_start_date,
                sum(sold_day.rest_margin_amount) as rest_margin_amount,
                sum(sold_day.rest_receipt_count) as rest_receipt_count
            from sold_day
            inner join {{ ref('dim_date') }} as day on sold_day.business_date = day.date_day
            group by sold_day.store_item_number, day.fiscal_week_start_date
        ) as rest_week
            on
                sold.store_item_number = rest_week.store_item_number
                and sold.fiscal_week_start_date = rest_week.fiscal_week_start_date
        where
            asked.covered = 1
            and asked.sold_week_count > 1
            and asked.undisturbed_week_count >= {{ var('promo_min_baseline_weeks') }}
            and sold.disturbed = 0
            and sold.unit_count > 0
    ) as ranked
    group by store_item_number, fiscal_week_start_date, trading_day_count, unit_count
{%- endmacro %}
