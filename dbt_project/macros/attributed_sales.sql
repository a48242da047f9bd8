{#-
    Net and margin that answer a campaign, by campaign and customer: the lines sold on days of a
    redemption, and the return lines that name one of their receipts, on whatever day. What came back
    on such a day of an older receipt is not the campaign's. Receipts of nobody known must not answer
    for a redemption of nobody known.
-#}
{% macro attributed_sales(redemption_day) -%}
    select
        redemption_day.campaign_id,
        redemption_day.customer_id,
        case when count(rolled.business_date) = 0 then coalesce(sum(answered.net_amount), 0) end
            as attributed_net_amount,
        case
            when
                count(rolled.business_date) = 0
                and coalesce(sum(answered.costless_line_count), 0) = 0
                then coalesce(sum(answered.net_amount - answered.cost_amount), 0)
        end as attributed_margin_amount
    from {{ redemption_day }} as redemption_day
    left join ({{ answered_days(redemption_day) }}) as answered
        on
            redemption_day.customer_id = answered.customer_id
            and redemption_day.redeemed_date = answered.answered_date
    left join (select distinct business_date from {{ ref('int_sales_day__rolled') }}) as rolled
        on redemption_day.redeemed_date = rolled.business_date
    group by redemption_day.campaign_id, redemption_day.customer_id
{%- endmacro %}

{#- The same by customer and day of a sale, whichever campaigns it answers. -#}
{% macro answered_days(redemption_day) -%}
    select
        customer_id,
        answered_date,
        sum(net_amount) as net_amount,
        sum(coalesce(cost_amount, 0)) as cost_amount,
        sum(case when cost_amount is null and quantity <> 0 then 1 else 0 end)
            as costless_line_count
    from (
        select
            basket.customer_id,
            basket.business_date as answered_date,
            line.net_amount,
            line.cost_amount,
            line.quantity
        from ({{ answering_baskets(redemption_day) }}) as basket
        inner join {{ ref('fct_sales') }} as line
            on basket.business_date = line.business_date and basket.receipt_id = line.receipt_id
        where line.line_type = 'sale'

        union all

        select
            basket.customer_id,
            basket.business_date as answered_date,
            line.net_amount,
            line.cost_amount,
            line.quantity
        from ({{ answering_baskets(redemption_day) }}) as basket
        inner join {{ ref('fct_returns') }} as returned
            on basket.receipt_id = returned.original_receipt_id and returned.is_matched
        inner join {{ ref('fct_sales') }} as line
            on
                returned.business_date = line.business_date
                and returned.receipt_id = line.receipt_id
                and returned.line_number = line.line_number
    ) as answering_line
    group by customer_id, answered_date
{%- endmacro %}

{#- Receipts of known customers on days on which they redeemed a coupon. -#}
{% macro answering_baskets(redemption_day) -%}
    select distinct
        basket.receipt_id,
        basket.business_date,
        basket.customer_id
    from {{ ref('fct_basket') }} as basket
    inner join {{ redemption_day }} as redemption_day
        on
            basket.customer_id = redemption_day.customer_id
            and basket.business_date = redemption_day.redeemed_date
    where basket.customer_key > 0
{%- endmacro %}

{#- An amount of the caller's attributed, and 0 of a customer who redeemed nothing. -#}
{% macro answered_or_zero(column) -%}
    {{ money('case when redeemed.campaign_id is null then 0 else ' ~ column ~ ' end') }}
{%- endmacro %}
