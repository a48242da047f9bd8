{#-
    The rows of a feed that count. A row whose business key came twice, or whose receipt a correction
    replaced, stays in raw and is named in ledger.excluded_row with its reason; everything after
    staging must not see it.
-#}
{% macro counted_row(feed) -%}
    select feed_row.*
    from {{ source('raw', feed) }} as feed_row
    left join {{ source('ledger', 'excluded_row') }} as excluded
        on
            excluded.feed = '{{ feed }}'
            and feed_row._file_id = excluded.file_id
            and feed_row._line_number = excluded.line_number
    where excluded.file_id is null
{%- endmacro %}
