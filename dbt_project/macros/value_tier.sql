{#- Tiers of customer value, which follow the scores of two months in a row (M30). -#}

{#-
    Metric M30 with hysteresis: the tier that last was scored in two months in a row, or that of the
    first month. Months are texts that sort by date, so the greatest text is of the last of them. Of a
    month that stands the tier is known. Expects the CTE scored.
-#}
{% macro held_tiers() -%}
    {%- set order -%}
    partition by customer_id order by month_start_date nulls last
    {%- endset -%}
    select
        customer_id,
        month_start_date,
        coalesce(
            right(
                max(
                    case
                        when standing_tier_code is not null
                            then {{ dated_tier('standing_tier_code') }}
                        when scored_tier_code = scored_tier_before
                            then {{ dated_tier('scored_tier_code') }}
                    end
                ) over ({{ order }} rows between unbounded preceding and current row),
                1
            ),
            first_value(scored_tier_code) over (
                {{ order }} rows between unbounded preceding and current row
            )
        ) as value_tier_code
    from (
        select
            *,
            lag(scored_tier_code) over ({{ order }}) as scored_tier_before
        from ({{ scored_tiers() }}) as every_tier
    ) as followed
{%- endmacro %}

{#- The month as a text and the tier after it. -#}
{% macro dated_tier(tier_code) -%}
    concat(cast(month_start_date as {{ dbt.type_string() }}), {{ tier_code }})
{%- endmacro %}

{#- Tiers as scored, and those that stand of a year before the first touched month. -#}
{% macro scored_tiers() -%}
    select
        customer_id,
        month_start_date,
        scored_tier_code,
        cast(null as {{ dbt.type_string() }}) as standing_tier_code
    from scored
    {%- if is_incremental() %}
    union all
    select
        customer_id,
        {{ month_start('month_end_date') }} as month_start_date,
        scored_tier_code,
        value_tier_code as standing_tier_code
    from {{ this }}
    where {{ is_read_for_touched(month_start('month_end_date'), 12) }}
    {%- endif %}
{%- endmacro %}

{#- Tiers with the one before, and whether one of a year back was A. -#}
{% macro followed_tiers() -%}
    {%- set order -%}
    partition by customer_id order by month_start_date nulls last
    {%- endset -%}
    select
        customer_id,
        month_start_date,
        value_tier_code,
        lag(value_tier_code) over ({{ order }}) as previous_tier_code,
        min(value_tier_code) over ({{ order }} rows between 12 preceding and current row) = 'A'
            as was_key_customer
    from ({{ held_tiers() }}) as held
{%- endmacro %}
