{#-
    The promotion of a line: the till's own; else the one that covers item, store and date; else none,
    if the coverage feed speaks of that store and date; else unknown; else there is no such feed.
-#}
{% macro resolved_promotion(line, covered_line, covered_day, coverage_feed) -%}
    coalesce(
        {{ filled_text(line ~ '.promotion_id') }},
        {{ covered_line }}.promotion_id,
        case
            when {{ covered_day }}.store_id is not null then {{ no_promotion_id() }}
            when {{ coverage_feed }}.covered_day_count > 0 then {{ unknown_id() }}
            else {{ not_applicable_id() }}
        end
    )
{%- endmacro %}

{#- The condition that a promotion is of the line's store, item and date. -#}
{% macro covers_line(covered_line, line) -%}
    {{ line }}.store_id = {{ covered_line }}.store_id
    and {{ line }}.product_id = {{ covered_line }}.product_id
    and {{ line }}.business_date = {{ covered_line }}.business_date
{%- endmacro %}
