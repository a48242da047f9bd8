{#-
    Gate 18 (M33): a row that says whether tonight's fit may be published, and why not. Purchases of the
    holdout were foretold in sum, and the best tenth of customers found as well as plain RFM finds it.
-#}
{% macro gate_18() -%}
    select
        coalesce(
            sum(case
                when is_within_gate then 1
                when model_code = 'mbg_nbd' and segment_code = 'all' and measure_code = 'r' then 1
            end) = 3,
            false
        ) as is_accepted,
        coalesce(
            min(case when not is_within_gate then measure_code end),
            min(case when model_code = 'mbg_nbd' then reason end),
            'no customer to fit'
        ) as failed_measure
    from ({{ gated_measures() }}) as gated
{%- endmacro %}

{#- All rows of the fit with a verdict; is_within_gate is NULL for what gate 18 does not ask. -#}
{% macro gated_measures() -%}
    select
        fitted.*,
        case
            when measure is null or baseline is null then null
            when measure_code = 'total_bias' and abs(measure) < abs(baseline) then 'better'
            when measure_code = 'mean_absolute_error' and measure < baseline then 'better'
            when measure_code in ('top_decile_capture', 'churn_ranking') and measure > baseline
                then 'better'
            when
                measure_code in (
                    'total_bias', 'mean_absolute_error', 'top_decile_capture', 'churn_ranking'
                )
                then 'not better than baseline'
        end as verdict_code,
        case
            when model_code <> 'mbg_nbd' or segment_code <> 'all' then null
            when measure_code = 'total_bias'
                then coalesce(abs(measure) < {{ var('clv_bias_limit') }}, false)
            when measure_code = 'top_decile_capture'
                then coalesce(measure >= baseline, false)
        end as is_within_gate
    from {{ made_in_python('int_value_model__fitted') }} as fitted
{%- endmacro %}
