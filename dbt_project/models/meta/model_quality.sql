-- Grain: one row per model of customer value, segment and measure: parameters, and how well the
-- last quarter was foretold by what was known before it. Nothing here is additive.
with

gated as (

    {{ gated_measures() }}

)

select
    model_code,
    segment_code,
    measure_code,
    measure,
    low_measure,
    high_measure,
    baseline,
    verdict_code,
    is_within_gate,
    reason as missing_reason

from gated
