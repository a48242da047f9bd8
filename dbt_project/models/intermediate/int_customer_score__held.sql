{{ config(materialized=shared_view()) }}

-- Grain: one row per customer whose score of the last build stands, because gate 18 refused the fit
-- of tonight; otherwise none.
with

gate as (

    {{ gate_18() }}

)

select standing.*
from ({{ standing_scores() }}) as standing
cross join gate
where not gate.is_accepted
