{#- The parts of promo_lift. Weeks are of seven days, counted from the offer: -8 to -1, 0 the offer, 1 on. -#}

{#-
    From which first day to which a changed date is seen: it may be one of the weeks before an offer,
    of the offer or of the weeks after it. A week more, in which the chain may be closed.
-#}
{% macro promo_reach() -%}
    {%- if names_changed() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    select
        {{ add_days(
            'business_date', -7 - var('promo_max_days') - 7 * var('promo_after_weeks')
        ) }} as from_date,
        {{ add_days('business_date', 7 * var('promo_baseline_weeks')) }} as to_date
    from {{ changed }}
    where is_fact_changed
    {%- endif -%}
{%- endmacro %}

{#- Offers that have ended, with a short number. What is on offer for longer is a price. -#}
{% macro ended_offers() -%}
    select
        row_number() over (
            order by
                from_date asc nulls last,
                store_id asc nulls last,
                product_id asc nulls last,
                promotion_id asc nulls last
        ) as offer_number,
        promotion_id,
        product_id,
        store_id,
        from_date,
        to_date,
        {{ add_days('from_date', -7 * var('promo_baseline_weeks')) }} as first_date,
        {{ add_days('to_date', 7 * var('promo_after_weeks')) }} as last_date
    from {{ ref('fct_promo_coverage') }}
    where
        to_date <= (select max(business_date) from {{ ref('fct_sales_day') }})
        and {{ days_between('from_date', 'to_date') }} < {{ var('promo_max_days') }}
        and {{ is_changed('from_date', reach=promo_reach()) }}
{%- endmacro %}

{#- The offer and the weeks before and after it, with their days. -#}
{% macro offer_weeks(offer) -%}
    {%- set weeks = range(-1 * var('promo_baseline_weeks'), var('promo_after_weeks') + 1) -%}
    {%- for week in weeks %}
    select
        offer_number,
        store_id,
        product_id,
        {{ week }} as week_number,
        {%- if week < 0 %}
        {{ add_days('from_date', 7 * week) }} as from_date,
        {{ add_days('from_date', 7 * week + 6) }} as to_date
        {%- elif week == 0 %}
        from_date,
        to_date
        {%- else %}
        {{ add_days('to_date', 7 * week - 6) }} as from_date,
        {{ add_days('to_date', 7 * week) }} as to_date
        {%- endif %}
    from {{ offer }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#-
    Weeks before and after an offer that do not show what sells without one: another offer of the item
    in the store touches them, or a day on which it was out of stock. Where no stock is told, none was.
-#}
{% macro disturbed_weeks(offer_week) -%}
    select distinct
        {{ offer_week }}.offer_number,
        {{ offer_week }}.week_number
    from {{ offer_week }}
    inner join (
        select store_id, product_id, from_date, to_date
        from {{ ref('fct_promo_coverage') }}
        union all
        select store_id, product_id, from_date, to_date
        from {{ ref('fct_inventory_snapshot') }}
        where is_out_of_stock
    ) as span
        on
            {{ offer_week }}.store_id = span.store_id
            and {{ offer_week }}.product_id = span.product_id
            and {{ offer_week }}.from_date <= span.to_date
            and {{ offer_week }}.to_date >= span.from_date
    where {{ offer_week }}.week_number <> 0
{%- endmacro %}

{#-
    Every day since a store's first of which receipts are kept, with how many it had traded by then, and
    before it.
-#}
{% macro trading_day_counts() -%}
    select
        store.store_id,
        dim_date.date_day,
        count(sales_day.business_date) over (
            partition by store.store_id order by dim_date.date_day asc nulls last
            rows between unbounded preceding and current row
        ) as day_number,
        count(sales_day.business_date) over (
            partition by store.store_id order by dim_date.date_day asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as day_number_before
    from (
        select
            store_id,
            min(business_date) as first_date
        from {{ ref('fct_sales_day') }}
        where not is_rolled
        group by store_id
    ) as store
    inner join {{ ref('dim_date') }} as dim_date on store.first_date <= dim_date.date_day
    left join {{ ref('fct_sales_day') }} as sales_day
        on store.store_id = sales_day.store_id and dim_date.date_day = sales_day.business_date
    where dim_date.date_day <= (select max(business_date) from {{ ref('fct_sales_day') }})
{%- endmacro %}

{#- What was sold of each offer's item in the store, in each of its weeks. -#}
{% macro sold_in_offer_weeks(offer) -%}
    select
        line.offer_number,
        line.week_number,
        sum(line.unit_count) as unit_count,
        sum(line.net_amount) as net_amount,
        sum(line.margin_amount) as margin_amount,
        sum(line.line_discount_amount) as discount_amount,
        sum(case when line.margin_amount is not null then line.unit_count end) as costed_unit_count
    from (
        select
            offer.offer_number,
            case
                when sale.business_date < offer.from_date
                    then -1 * cast(floor(
                        ({{ days_between('sale.business_date', 'offer.from_date') }} + 6) / 7e0
                    ) as integer)
                when sale.business_date <= offer.to_date then 0
                else cast(floor(
                    ({{ days_between('offer.to_date', 'sale.business_date') }} + 6) / 7e0
                ) as integer)
            end as week_number,
            sale.unit_count,
            sale.net_amount,
            sale.margin_amount,
            sale.line_discount_amount
        from {{ ref('fct_sales') }} as sale
        inner join {{ offer }} as offer
            on
                sale.store_id = offer.store_id
                and sale.product_id = offer.product_id
                and sale.business_date between offer.first_date and offer.last_date
        where
            sale.line_type = 'sale'
            and sale.business_date >= (select min(first_date) from {{ offer }})
    ) as line
    group by line.offer_number, line.week_number
{%- endmacro %}

{#-
    What sells without an offer: the median of the weeks before it, by trading day, so that neither a
    coach party nor a closed day is the measure; and the margin of a unit in these weeks.
-#}
{% macro offer_baselines(observed) -%}
    select
        offer_number,
        count(*) as baseline_week_count,
        sum(unit_count) as unit_count,
        cast(median(cast(unit_count as double) / trading_day_count) as double) as units_per_day,
        {{ ratio('sum(margin_amount)', 'sum(costed_unit_count)') }} as margin_per_unit
    from {{ observed }}
    where week_number < 0
    group by offer_number
{%- endmacro %}

{#-
    Each offer against its baseline. What was bought ahead is what its undisturbed weeks afterwards sold
    below the baseline; it is told once all of them have passed.
-#}
{% macro judged_offers(offer, observed, baseline) -%}
    select
        compared.*,
        case when missing_reason is null then units_per_day * trading_day_count end as baseline_units,
        case
            when missing_reason is null and last_date <= last_sales_date
                then units_per_day * after_day_count - after_unit_count
        end as pull_forward_units,
        case
            when missing_reason is null
                then margin_amount - units_per_day * trading_day_count * margin_per_unit
        end as incremental_margin
    from (
        select
            {{ offer }}.*,
            the_offer.trading_day_count,
            the_offer.unit_count,
            the_offer.net_amount,
            the_offer.margin_amount,
            the_offer.discount_amount,
            coalesce({{ baseline }}.baseline_week_count, 0) as baseline_week_count,
            {{ baseline }}.units_per_day,
            {{ baseline }}.margin_per_unit,
            after_offer.trading_day_count as after_day_count,
            after_offer.unit_count as after_unit_count,
            last_day.last_sales_date,
            case
                when
                    coalesce({{ baseline }}.baseline_week_count, 0)
                    < {{ var('promo_min_baseline_weeks') }}
                    then 'too few weeks'
                when {{ baseline }}.units_per_day = 0 then 'seldom sold'
            end as missing_reason
        from {{ offer }}
        inner join {{ observed }} as the_offer
            on {{ offer }}.offer_number = the_offer.offer_number and the_offer.week_number = 0
        left join {{ baseline }} on {{ offer }}.offer_number = {{ baseline }}.offer_number
        left join (
            select
                offer_number,
                sum(trading_day_count) as trading_day_count,
                sum(unit_count) as unit_count
            from {{ observed }}
            where week_number > 0
            group by offer_number
        ) as after_offer
            on {{ offer }}.offer_number = after_offer.offer_number
        cross join (
            select max(business_date) as last_sales_date from {{ ref('fct_sales_day') }}
        ) as last_day
    ) as compared
{%- endmacro %}
