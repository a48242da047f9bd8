{#- Parts of fct_service_instruction: what starts the clock of a rule, and what came of it. -#}

{#- An instruction is followed by what the customer does on so many days, its Sunday included. -#}
{% macro followed_days() -%}14{%- endmacro %}

{#- The fact holds the instructions of so many days: a year, and the week that it began in. -#}
{% macro instructed_days() -%}371{%- endmacro %}

{#- The Sunday on or before a date. -#}
{% macro sunday_of(date_expression) -%}
    {{ add_days(date_expression, '-(' ~ iso_day_of_week(date_expression) ~ ' % 7)') }}
{%- endmacro %}

{#-
    The Sunday that finds an instruction due: that of the week it is due in, or, where the event became
    known during that week, the next one.
-#}
{% macro scanned_sunday(due_date, known_date) -%}
    case
        when {{ known_date }} < {{ sunday_of(due_date) }} then {{ sunday_of(due_date) }}
        else {{ add_days(sunday_of(due_date), 7) }}
    end
{%- endmacro %}

{#-
    Days on which a known customer bought in a category or subcategory that a rule names. Expects the
    CTEs data_span and rule; lines that no rule names, and those of earlier years, are not read.
-#}
{% macro served_category_days(days=none) -%}
    select
        line.customer_id,
        product.category_name,
        line.business_date
    from {{ ref('fct_sales') }} as line
    inner join (
        select product_key, category_name from {{ ref('dim_product') }}
        union
        select product_key, subcategory_name as category_name from {{ ref('dim_product') }}
    ) as product on line.product_key = product.product_key
    where
        line.customer_key > 0
        and {{ is_sale_line() }}
        -- Dates, by which DuckDB skips rows of earlier years unread; it does not by a bound that it must
        -- work out first.
        and line.business_date in (
            select dim_date.date_day
            from {{ ref('dim_date') }} as dim_date
            inner join (
                select {{ add_days(
                    'min(data_span.last_date)',
                    '-(' ~ (days or instructed_days()) ~ ' + greatest(0, max(rule.offset_days)))'
                ) }} as first_date
                from data_span
                cross join rule
            ) as reach
                on dim_date.date_day >= reach.first_date
        )
        and product.category_name in (
            select category_name from rule where category_name is not null
            union
            select event_name from rule where event_kind_code = 'purchase'
        )
    group by line.customer_id, product.category_name, line.business_date
{%- endmacro %}

{#-
    What starts a clock, once for each customer and day. Who comes again before an instruction is due
    starts it anew; a life event is told again only when it is another one. Expects category_day. Only
    models of the purpose health may ask for life events.
-#}
{% macro service_occurrences(with_life_events=false) -%}
    select
        occurrence.*,
        case
            when occurrence.event_kind_code <> 'life event'
                then lead(occurrence.event_date) over (
                    partition by
                        occurrence.event_kind_code, occurrence.event_name, occurrence.customer_id
                    order by occurrence.event_date asc nulls last
                )
        end as next_event_date
    from (
        {%- if with_life_events %}
        select
            'life event' as event_kind_code,
            life_event_type as event_name,
            customer_id,
            life_event_date as event_date,
            min(known_date) as known_date
        from {{ ref('int_life_event__consented') }}
        group by life_event_type, customer_id, life_event_date

        union all
        {%- endif %}

        select
            'purchase' as event_kind_code,
            category_name as event_name,
            customer_id,
            business_date as event_date,
            business_date as known_date
        from category_day

        union all

        select distinct
            'case' as event_kind_code,
            case_type_code as event_name,
            customer_id,
            case_opened_date as event_date,
            case_opened_date as known_date
        from {{ ref('fct_service_case') }}
        where customer_key > 0
    ) as occurrence
{%- endmacro %}

{#-
    Each occurrence with what a rule makes due, and the Sunday that finds it. What became known after it
    was due is not made up for. Expects the CTEs occurrence and rule.
-#}
{% macro due_services() -%}
    select
        dated.*,
        {{ scanned_sunday('dated.service_due_date', 'dated.known_date') }} as service_week_start_date
    from (
        select
            rule.*,
            occurrence.customer_id,
            occurrence.event_date as service_event_date,
            {{ add_days('occurrence.event_date', 'rule.offset_days') }} as service_due_date,
            occurrence.known_date,
            occurrence.next_event_date
        from occurrence
        inner join rule
            on
                occurrence.event_kind_code = rule.event_kind_code
                and occurrence.event_name = rule.event_name
    ) as dated
    where
        dated.known_date <= dated.service_due_date
        and coalesce(dated.next_event_date > dated.service_due_date, true)
{%- endmacro %}

{#-
    What the Sundays of the last 53 weeks found due, by the rule that held then: up to the Sunday after
    the last day of the data, which the night before it shall know. Expects data_span too.
-#}
{% macro found_services() -%}
    select
        due.*,
        {{ days_between('due.service_week_start_date', 'data_span.last_date') }} + 1
            as followed_day_count,
        coalesce(due.service_channel, 'any') as asked_channel
    from ({{ due_services() }}) as due
    cross join data_span
    where
        due.service_week_start_date between due.valid_from_date and due.valid_to_date
        and due.service_week_start_date <= {{ add_days('data_span.last_date', 1) }}
        and due.service_week_start_date
        > {{ add_days('data_span.last_date', '-' ~ instructed_days()) }}
{%- endmacro %}

{#- Days on which somebody spoke to or met a customer. -#}
{% macro contact_days() -%}
    select customer_id, contact_date as met_date
    from {{ ref('fct_contact') }}
    where is_answered

    union

    select customer_id, interaction_date as met_date
    from {{ ref('fct_interaction') }}
    where coalesce(outcome_code, '') <> 'abandoned'
{%- endmacro %}

{#-
    Whether a customer allowed marketing on the channel when the week began, and still does. A rule
    without a channel is for any that is allowed. Expects the CTE instruction.
-#}
{% macro asked_consents() -%}
    select
        asked.customer_id,
        asked.service_week_start_date,
        asked.asked_channel,
        max(
            case
                when
                    consent.valid_from_at <= cast(asked.service_week_start_date as timestamp)
                    and coalesce(
                        consent.valid_to_at > cast(asked.service_week_start_date as timestamp), true
                    ) then 1
                else 0
            end
        ) as was_granted,
        max(case when consent.is_current then 1 else 0 end) as is_granted
    from (
        select distinct customer_id, service_week_start_date, asked_channel from instruction
    ) as asked
    inner join {{ ref('dim_consent') }} as consent
        on
            asked.customer_id = consent.customer_id
            and asked.asked_channel in (consent.consent_channel, 'any')
    where consent.consent_purpose = 'marketing' and consent.is_granted
    group by asked.customer_id, asked.service_week_start_date, asked.asked_channel
{%- endmacro %}

{#- The first day, of those that follow a customer's instruction, that a relation has. -#}
{% macro first_followed_date(followed, date_column, further=none) -%}
    select
        instruction.customer_id,
        instruction.service_week_start_date,
        {%- if further %}
        instruction.{{ further }},
        {%- endif %}
        min(followed.{{ date_column }}) as followed_date
    from instruction
    inner join {{ followed }} as followed
        on
            instruction.customer_id = followed.customer_id
            {%- if further %}
            and instruction.{{ further }} = followed.{{ further }}
            {%- endif %}
            and followed.{{ date_column }} >= instruction.service_week_start_date
            and followed.{{ date_column }}
            < {{ add_days('instruction.service_week_start_date', followed_days()) }}
    group by
        instruction.customer_id,
        instruction.service_week_start_date
        {{- ', instruction.' ~ further if further }}
{%- endmacro %}
