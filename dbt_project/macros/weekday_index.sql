{#-
    Lines of each category by weekday beside what an even spread would give: on every weekday on which
    the store traded, also one on which the category sold nothing. Expects the CTEs weekday and traded.
-#}
{% macro weekday_lines() -%}
    select
        traded.fiscal_week_start_date,
        traded.store_id,
        sold.category_name,
        traded.day_of_week_number,
        coalesce(weekday.line_count, 0) as line_count,
        {{ ratio('sold.line_count * traded.day_count', 'open.day_count') }} as expected_line_count
    from traded
    inner join (
        select fiscal_week_start_date, store_id, sum(day_count) as day_count
        from traded
        group by 1, 2
    ) as open
        on
            traded.fiscal_week_start_date = open.fiscal_week_start_date
            and traded.store_id = open.store_id
    inner join (
        select fiscal_week_start_date, store_id, category_name, sum(line_count) as line_count
        from weekday
        group by 1, 2, 3
    ) as sold
        on
            traded.fiscal_week_start_date = sold.fiscal_week_start_date
            and traded.store_id = sold.store_id
    left join weekday
        on
            traded.fiscal_week_start_date = weekday.fiscal_week_start_date
            and traded.store_id = weekday.store_id
            and sold.category_name = weekday.category_name
            and traded.day_of_week_number = weekday.day_of_week_number
{%- endmacro %}
