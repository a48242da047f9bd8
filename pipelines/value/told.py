"""The fits of a night for a reader: parameters, verdicts and calibration as tables of Markdown."""

from collections.abc import Iterable, Sequence

import duckdb

_PARAMETERS = """
    select model_code, segment_code, measure_code, measure, low_measure, high_measure
    from meta.model_quality
    where low_measure is not null
    order by all
"""

_VERDICTS = """
    select
        segment_code, measure_code, measure, baseline,
        coalesce(verdict_code, '') as verdict,
        case when not is_within_gate then 'refused' when is_within_gate then 'passed' else '' end,
        coalesce(missing_reason, '') as reason
    from meta.model_quality
    where verdict_code is not null or missing_reason is not null
    order by all
"""

# A bar of the mean that was foretold for the tenth and one of what came, as shares of the most.
_CALIBRATION = """
    select
        right(measure_code, 2), measure, baseline,
        repeat('█', round(20 * measure / nullif(highest, 0))::int),
        repeat('█', round(20 * baseline / nullif(highest, 0))::int)
    from (
        select *, max(greatest(measure, baseline)) over () as highest
        from meta.model_quality
        where segment_code = 'all' and measure_code like 'calibration_%'
    )
    order by all
"""


def told(warehouse: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Tables of Markdown by title.

    Args:
        warehouse: A warehouse with meta.model_quality.
    """
    return {
        "parameters": _table(
            ("model", "segment", "parameter", "value", "lowest", "highest"),
            warehouse.execute(_PARAMETERS).fetchall(),
        ),
        "holdout": _table(
            ("segment", "measure", "model", "baseline", "verdict", "gate 18", "reason"),
            warehouse.execute(_VERDICTS).fetchall(),
        ),
        "calibration": _table(
            ("tenth", "foretold", "came", "foretold", "came"),
            warehouse.execute(_CALIBRATION).fetchall(),
        ),
    }


def _table(titles: Sequence[str], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [titles, ["---"] * len(titles), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
