{#- The parts of price_point_store. -#}

{#-
    Sale lines of the weeks to build of which all receipts are kept, with the price of one unit on the
    shelf; NULL where nothing was sold. What the shelf asked of everybody is after discounts on the
    line, before coupons and discounts on the whole receipt, which belong to who pays.
-#}
{% macro priced_lines() -%}
    {%- set shelf_amount = '(sale.gross_amount - sale.line_discount_amount)' -%}
    select
        sale.product_id,
        sale.store_id,
        dim_date.fiscal_week_start_date,
        sale.business_date,
        case
            when sale.quantity <> 0
                then {{ rounded_money(ratio(shelf_amount, 'sale.quantity')) }}
        end as price_amount,
        sale.unit_count,
        sale.quantity,
        {{ shelf_amount }} as shelf_amount,
        sale.net_amount,
        sale.margin_amount
    from {{ ref('fct_sales') }} as sale
    inner join {{ ref('dim_date') }} as dim_date on sale.business_date = dim_date.date_day
    where
        sale.line_type = 'sale'
        and {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date') }}
        and dim_date.fiscal_week_start_date not in ({{ rolled_periods('fiscal_week_start_date') }})
{%- endmacro %}

{#- What is summed of lines. -#}
{% macro price_point_measures() -%}
    {{ return(['unit_count', 'quantity', 'shelf_amount', 'net_amount', 'margin_amount']) }}
{%- endmacro %}

{% macro price_point_sums(line) -%}
    {%- for measure in price_point_measures() -%}
    sum({{ line }}.{{ measure }}) as {{ measure }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro price_point_columns(relation) -%}
    {%- for measure in price_point_measures() -%}
    {{ relation }}.{{ measure }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Sales by item, store and week, and whether all of its lines have one price, which is the lowest. -#}
{% macro price_weeks() -%}
    select
        line.product_id,
        line.store_id,
        line.fiscal_week_start_date,
        -- -1 stands for none, so that a line without a price has another one
        min(coalesce(line.price_amount, -1)) as price_amount,
        coalesce(min(coalesce(line.price_amount, -1)) = max(line.price_amount), false)
            as has_one_price,
        {{ price_point_sums('line') }}
    from ({{ priced_lines() }}) as line
    group by line.product_id, line.store_id, line.fiscal_week_start_date
{%- endmacro %}

{% macro lines_of_several_prices(price_week) -%}
    select line.*
    from ({{ priced_lines() }}) as line
    inner join {{ price_week }}
        on
            line.product_id = {{ price_week }}.product_id
            and line.store_id = {{ price_week }}.store_id
            and line.fiscal_week_start_date = {{ price_week }}.fiscal_week_start_date
    where not {{ price_week }}.has_one_price
{%- endmacro %}

{#- Every price of some relations with its band. -#}
{% macro banded_prices(relations) -%}
    select
        price.price_amount,
        dim_price_band.price_band_code
    from (
        {%- for relation in relations %}
        select price_amount from {{ relation }}
        {{- ' union' if not loop.last }}
        {%- endfor %}
    ) as price
    inner join {{ ref('dim_price_band') }} as dim_price_band
        on
            price.price_amount >= dim_price_band.from_price_amount
            and coalesce(price.price_amount < dim_price_band.to_price_amount, true)
{%- endmacro %}

{#-
    Sales by band of what had several prices in a store and week, with the trading days on which each
    was on offer: from the week's first day unless another band was sold before it, to the week's last
    day unless another was sold after it; else to the day before the next one was first sold, or to its
    own last sale where both were on offer together. So a day without a sale is one at the price of the
    last sale. No price, no offer.
-#}
{% macro offers_of_several_prices(line, banded_price) -%}
    {%- set week -%}
    partition by product_id, store_id, fiscal_week_start_date, price_band_code is null
    {%- endset -%}
    {%- set last_day_before_next -%}
    {{ add_days('lead(first_sold_date) over (
                    ' ~ week ~ '
                    order by first_sold_date asc nulls last, price_band_code asc nulls last
                )', -1) }}
    {%- endset -%}
    select
        offer.product_id,
        offer.store_id,
        offer.fiscal_week_start_date,
        offer.price_band_code,
        {{ price_point_columns('offer') }},
        nullif(count(sales_day.business_date), 0) as on_offer_days
    from (
        select
            sold.*,
            case
                when price_band_code is null then null
                when first_sold_date = min(first_sold_date) over ({{ week }})
                    then fiscal_week_start_date
                else first_sold_date
            end as from_date,
            case
                when price_band_code is null then null
                when last_sold_date = max(last_sold_date) over ({{ week }})
                    then {{ add_days('fiscal_week_start_date', 6) }}
                else greatest(last_sold_date, coalesce({{ last_day_before_next }}, last_sold_date))
            end as to_date
        from (
            select
                {{ line }}.product_id,
                {{ line }}.store_id,
                {{ line }}.fiscal_week_start_date,
                {{ banded_price }}.price_band_code,
                min({{ line }}.business_date) as first_sold_date,
                max({{ line }}.business_date) as last_sold_date,
                {{ price_point_sums(line) }}
            from {{ line }}
            left join {{ banded_price }}
                on {{ line }}.price_amount = {{ banded_price }}.price_amount
            group by 1, 2, 3, 4
        ) as sold
    ) as offer
    left join {{ ref('fct_sales_day') }} as sales_day
        on
            offer.store_id = sales_day.store_id
            and sales_day.business_date between offer.from_date and offer.to_date
    group by
        offer.product_id,
        offer.store_id,
        offer.fiscal_week_start_date,
        offer.price_band_code,
        {{ price_point_columns('offer') }}
{%- endmacro %}
