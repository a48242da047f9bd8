{#- Offers that have ended, for promo_lift, and the weeks after them that nothing else disturbs. -#}

{#-
    Offers that have ended: coverage of an item by a promotion on days in a row is one. Of those whose
    item sold in two undisturbed weeks of the eight before; of others nothing can be told. What is on
    offer for longer is a price. Expects covered, followed and regular_item.
-#}
{% macro ended_offers() -%}
    select
        row_number() over (
            order by
                span.store_item_number asc nulls last,
                span.promotion_id asc nulls last,
                span.from_date asc nulls last
        ) as offer_number,
        span.store_item_number,
        span.promotion_id,
        span.from_date,
        span.to_date,
        regular_item.store_id,
        regular_item.product_id,
        regular_item.category_name,
        followed.fiscal_week_start_date,
        followed.undisturbed_week_count
    from (
        select
            store_item_number,
            promotion_id,
            min(from_date) as from_date,
            max(to_date) as to_date
        from (
            select
                joined.*,
                sum(is_first) over (
                    partition by store_item_number, promotion_id
                    order by from_date asc nulls last, to_date asc nulls last
                    rows between unbounded preceding and current row
                ) as span_number
            from (
                select
                    covered.*,
                    case
                        when from_date <= {{ add_days('max(to_date) over (
                            partition by store_item_number, promotion_id
                            order by from_date asc nulls last, to_date asc nulls last
                            rows between unbounded preceding and 1 preceding
                        )', 1) }} then 0
                        else 1
                    end as is_first
                from covered
                where store_item_number in (
                    select followed.store_item_number from followed
                    where followed.covered = 1 and followed.sold_week_count > 1
                )
            ) as joined
        ) as numbered
        group by store_item_number, promotion_id, span_number
    ) as span
    inner join {{ ref('dim_date') }} as day on span.from_date = day.date_day
    inner join followed
        on
            span.store_item_number = followed.store_item_number
            and day.fiscal_week_start_date = followed.fiscal_week_start_date
            and followed.sold_week_count > 1
    inner join regular_item on span.store_item_number = regular_item.store_item_number
    where
        span.to_date <= (select max(business_date) from {{ ref('fct_sales_day') }})
        and {{ days_between('span.from_date', 'span.to_date') }} < {{ var('promo_max_days') }}
{%- endmacro %}

{#-
    The weeks after an offer that show what was bought ahead: whole ones, two at most, before the next
    offer of the item and before a week in which it is out of stock. Expects offer, covered, followed.
-#}
{% macro undisturbed_weeks_after() -%}
    select
        offer.offer_number,
        offer.store_item_number,
        offer.store_id,
        offer.from_date,
        offer.to_date,
        case
            when min(disturbance.from_date) is null then {{ var('promo_after_weeks') }}
            else greatest(
                0,
                cast(floor(
                    ({{ days_between('offer.to_date', 'min(disturbance.from_date)') }} - 1) / 7e0
                ) as integer)
            )
        end as after_week_count
    from offer
    left join (
        select store_item_number, from_date, to_date from covered
        union all
        select
            store_item_number,
            fiscal_week_start_date as from_date,
            {{ add_days('fiscal_week_start_date', 6) }} as to_date
        from followed
        where missing = 1
    ) as disturbance
        on
            offer.store_item_number = disturbance.store_item_number
            and offer.to_date < disturbance.to_date
            -- each side of its own, or DuckDB compares every offer with every other
            and {{ add_days('offer.to_date', 7 * var('promo_after_weeks')) }} >= disturbance.from_date
    group by 1, 2, 3, 4, 5
{%- endmacro %}

{#-
    The days of an offer, and of the weeks after it that show what was bought ahead; these are told once
    two have passed. Expects offer, covered and followed.
-#}
{% macro offer_periods() -%}
    select
        span.offer_number,
        span.store_item_number,
        span.store_id,
        part.is_after,
        case when part.is_after then {{ add_days('span.to_date', 1) }} else span.from_date end
            as from_date,
        case
            when part.is_after then {{ add_days('span.to_date', '7 * span.after_week_count') }}
            else span.to_date
        end as to_date
    from ({{ undisturbed_weeks_after() }}) as span
    cross join (select false as is_after union all select true as is_after) as part
    where
        not part.is_after
        or (span.after_week_count > 0 and {{ is_promo_over('span.to_date') }})
{%- endmacro %}
