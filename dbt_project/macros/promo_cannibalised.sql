{#- What items on offer took from the others of their category, for promo_lift. -#}

{#-
    What items on offer sold beyond their baselines in a week, beside all those of their category.
    Expects baseline and regular_item.
-#}
{% macro gaining_items() -%}
    select
        gained.*,
        sum(gained_quantity) over (
            partition by store_id, category_name, fiscal_week_start_date
        ) as category_gained_quantity
    from (
        select
            baseline.store_item_number,
            baseline.fiscal_week_start_date,
            baseline.trading_day_count,
            regular_item.store_id,
            regular_item.category_name,
            {{ rounded_quantity(
                'baseline.unit_count - baseline.units_per_day * baseline.trading_day_count'
            ) }} as gained_quantity
        from baseline
        inner join regular_item on baseline.store_item_number = regular_item.store_item_number
        where
            baseline.units_per_day > 0
            and baseline.unit_count > baseline.units_per_day * baseline.trading_day_count
    ) as gained
{%- endmacro %}

{#-
    Weeks of the other regular items of a store and category in which one gained, sold or not, beside
    their own weeks before. Expects gaining_item, regular_item, followed and store_week.
-#}
{% macro peer_weeks() -%}
    {%- set before = promo_weeks_before('store_item_number') -%}
    select
        peer_week.*,
        week_count_before - coalesce(sum(disturbed) {{ before }}, 0) as undisturbed_week_count,
        day_count_before - coalesce(
            sum(case when disturbed = 1 then trading_day_count else 0 end) {{ before }}, 0
        ) as undisturbed_day_count,
        sum(case when disturbed = 0 and unit_count > 0 then 1 else 0 end) {{ before }}
            as sold_week_count,
        sum(case when disturbed = 0 then unit_count else 0 end) {{ before }} as undisturbed_unit_count,
        {{ ratio(
            'sum(case when disturbed = 0 then margin_amount end) ' ~ before,
            'sum(case when disturbed = 0 then costed_unit_count end) ' ~ before
        ) }} as margin_per_unit
    from (
        select
            part.store_item_number,
            part.store_id,
            part.category_name,
            part.fiscal_week_start_date,
            store_week.day_number,
            store_week.trading_day_count,
            store_week.week_count_before,
            store_week.day_count_before,
            max(part.is_asked) as is_asked,
            max(part.disturbed) as disturbed,
            sum(part.unit_count) as unit_count,
            sum(part.margin_amount) as margin_amount,
            sum(part.costed_unit_count) as costed_unit_count
        from (
            select
                regular_item.store_item_number,
                regular_item.store_id,
                regular_item.category_name,
                gaining_week.fiscal_week_start_date,
                1 as is_asked,
                0 as disturbed,
                0 as unit_count,
                null as margin_amount,
                null as costed_unit_count
            from (
                select distinct store_id, category_name, fiscal_week_start_date from gaining_item
            ) as gaining_week
            inner join regular_item
                on
                    gaining_week.store_id = regular_item.store_id
                    and gaining_week.category_name = regular_item.category_name

            union all

            select
                regular_item.store_item_number,
                regular_item.store_id,
                regular_item.category_name,
                followed.fiscal_week_start_date,
                0 as is_asked,
                followed.disturbed,
                followed.unit_count,
                followed.margin_amount,
                followed.costed_unit_count
            from followed
            inner join regular_item on followed.store_item_number = regular_item.store_item_number
            inner join (
                select distinct
                    gaining_item.store_id,
                    gaining_item.category_name,
                    store_week.fiscal_week_start_date
                from gaining_item
                inner join store_week
                    on
                        gaining_item.store_id = store_week.store_id
                        and gaining_item.fiscal_week_start_date >= store_week.fiscal_week_start_date
                        and {{ add_days(
                            'gaining_item.fiscal_week_start_date', -7 * var('promo_baseline_weeks')
                        ) }} <= store_week.fiscal_week_start_date
            ) as near_week
                on
                    regular_item.store_id = near_week.store_id
                    and regular_item.category_name = near_week.category_name
                    and followed.fiscal_week_start_date = near_week.fiscal_week_start_date
        ) as part
        inner join store_week
            on
                part.store_id = store_week.store_id
                and part.fiscal_week_start_date = store_week.fiscal_week_start_date
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ) as peer_week
{%- endmacro %}

{#-
    What the items of a category that were on no offer in a week sold less than in their own undisturbed
    weeks, by mean and not median: means add up. Rounded by item, so that the sum is always the same.
    Expects gaining_item, regular_item, followed and store_week.
-#}
{% macro lost_categories() -%}
    select
        store_id,
        category_name,
        fiscal_week_start_date,
        sum({{ rounded_quantity('expected_units - unit_count') }}) as lost_quantity,
        sum({{ rounded_money('(expected_units - unit_count) * margin_per_unit') }}) as lost_margin_amount
    from (
        select
            peer.*,
            {{ ratio('undisturbed_unit_count', 'undisturbed_day_count') }} * trading_day_count
                as expected_units
        from ({{ peer_weeks() }}) as peer
    ) as expected
    where
        is_asked = 1
        and disturbed = 0
        and sold_week_count > 1
        and undisturbed_week_count >= {{ var('promo_min_baseline_weeks') }}
    group by store_id, category_name, fiscal_week_start_date
{%- endmacro %}

{#-
    What an offer took from the others of its category: of their loss in each of its weeks the share of
    its item in what items on offer gained, for its share of the week's trading days.
    Expects offer, traded, gaining_item and lost_category.
-#}
{% macro cannibalised_sales() -%}
    {%- set share -%}
    * {{ ratio('gaining_item.gained_quantity', 'gaining_item.category_gained_quantity') }}
                * {{ ratio('traded.trading_day_count', 'gaining_item.trading_day_count') }}
    {%- endset -%}
    select
        offer.offer_number,
        sum({{ rounded_quantity('lost_category.lost_quantity ' ~ share) }}) as lost_quantity,
        sum({{ rounded_money('lost_category.lost_margin_amount ' ~ share) }}) as lost_margin_amount
    from offer
    inner join traded
        on
            offer.store_id = traded.store_id
            and offer.from_date = traded.from_date
            and offer.to_date = traded.to_date
    inner join gaining_item
        on
            offer.store_item_number = gaining_item.store_item_number
            and traded.fiscal_week_start_date = gaining_item.fiscal_week_start_date
    inner join lost_category
        on
            gaining_item.store_id = lost_category.store_id
            and gaining_item.category_name = lost_category.category_name
            and gaining_item.fiscal_week_start_date = lost_category.fiscal_week_start_date
    group by offer.offer_number
{%- endmacro %}
