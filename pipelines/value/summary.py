"""From the mart btyd_summary to the arrays of the models, and back to a table.

The statements read a relation of the mart's columns by the name `summary`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.value.fitting import (
    WHOLE,
    Past,
    Row,
    Segments,
    fit_margins,
    fit_purchases,
    judge_purchases,
    models_of,
    unfitted,
)
from pipelines.value.mbg_nbd import MbgNbd
from pipelines.value.occasions import Floats, Occasions
from pipelines.value.rivals import rival_rows
from pipelines.value.scoring import score_groups

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_GROUPS = """
    select segment_code, frequency_count, recency_days, age_days, count(*) as customer_count
    from summary
    group by all
    order by all
"""

# Margins by per cent: what is lost is far below what a night's sales change. A sum of decimals is
# the same in any order of the rows, so that a rebuild fits the same.
_MARGINS = """
    select
        margin_occasion_count,
        cast(sum(mean_margin_amount) as double) / count(*) as mean_margin_amount,
        count(*) as customer_count
    from summary
    where margin_occasion_count > 0
    group by
        margin_occasion_count, sign(mean_margin_amount),
        case when mean_margin_amount <> 0 then round(100 * ln(abs(mean_margin_amount))) end
    order by all
"""

_PAST_GROUPS = """
    select
        segment_code, past_frequency_count as frequency_count, past_recency_days as recency_days,
        past_age_days as age_days, count(*) as customer_count
    from summary
    where past_age_days is not null
    group by all
    order by all
"""

_PAST = """
    select
        segment_code, past_frequency_count, past_recency_days, past_age_days,
        past_year_occasion_count, past_year_net_amount, prior_occasion_count,
        holdout_occasion_count
    from summary
    where past_age_days is not null
    order by all
"""


def fit(summary: "duckdb.DuckDBPyRelation", *, holdout_days: int) -> list[Row]:
    """Parameters and figures of a night.

    Args:
        summary: The mart.
        holdout_days: Days of the holdout that it was made with.
    """
    groups = _columns(summary, _GROUPS)
    if not len(groups["age_days"]):
        return []
    fits, rows = fit_purchases(_segments(groups), _occasions(groups))
    if fits:
        rows += rival_rows(_occasions(groups), fits[WHOLE][0])
    margins = _columns(summary, _MARGINS)
    rows += fit_margins(
        _floats(margins, "margin_occasion_count"),
        _floats(margins, "mean_margin_amount"),
        _floats(margins, "customer_count"),
    )
    past = _columns(summary, _PAST)
    if not len(past["past_age_days"]):
        return [*rows, unfitted(MbgNbd.CODE, "no holdout: nobody was known before it", "holdout")]
    rows += judge_purchases(_past(past, _columns(summary, _PAST_GROUPS)), holdout_days)
    return rows


def score(
    summary: "duckdb.DuckDBPyRelation",
    fitted: "duckdb.DuckDBPyRelation",
    *,
    yearly_discount_rate: float,
) -> "pa.Table":
    """A row by distinct segment, frequency, recency and age; none where nothing was fitted.

    Args:
        summary: The mart.
        fitted: The rows of `fit`.
        yearly_discount_rate: What money in a year is worth less than money today.
    """
    import pyarrow as pa

    groups = _columns(summary, _GROUPS)
    names = fitted.columns
    models = models_of([dict(zip(names, row, strict=True)) for row in fitted.fetchall()])
    if not models:
        groups = {name: values[:0] for name, values in groups.items()}
        scores = dict.fromkeys(SCORES, np.empty(0))
    else:
        scores = score_groups(
            models,
            _segments(groups),
            _occasions(groups),
            yearly_discount_rate=yearly_discount_rate,
        )
    keys = ("frequency_count", "recency_days", "age_days", "customer_count")
    return pa.table(
        {
            "segment_code": pa.array(groups["segment_code"], pa.string()),
            **{name: pa.array(groups[name], pa.int64()) for name in keys},
            **{name: pa.array(scores[name], pa.float64()) for name in SCORES},
        }
    )


SCORES = (
    "alive_rate",
    "expected_3m_occasions",
    "expected_12m_occasions",
    "low_12m_occasions",
    "high_12m_occasions",
    "discounted_12m_occasions",
    "discounted_36m_occasions",
)
"""Columns of a score, in the order of the table."""


def as_table(rows: Iterable[Row]) -> "pa.Table":
    """Parameters and figures as a table, with its columns also where there is no row."""
    import pyarrow as pa

    text = ("model_code", "segment_code", "measure_code", "reason")
    columns = [
        (name, pa.string() if name in text else pa.float64()) for name in Row.__dataclass_fields__
    ]
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=pa.schema(columns))


def _columns(relation: "duckdb.DuckDBPyRelation", statement: str) -> Mapping[str, Any]:
    return relation.query("summary", statement).fetchnumpy()


def _floats(columns: Mapping[str, Any], name: str) -> Floats:
    return np.asarray(columns[name], dtype=np.float64)


def _segments(columns: Mapping[str, Any]) -> Segments:
    return np.asarray(columns["segment_code"], dtype=np.str_)


def _occasions(columns: Mapping[str, Any]) -> Occasions:
    return Occasions(
        frequency=_floats(columns, "frequency_count"),
        recency=_floats(columns, "recency_days"),
        age=_floats(columns, "age_days"),
        customer_count=_floats(columns, "customer_count"),
    )


def _past(columns: Mapping[str, Any], groups: Mapping[str, Any]) -> Past:
    return Past(
        segment=_segments(columns),
        occasions=Occasions(
            frequency=_floats(columns, "past_frequency_count"),
            recency=_floats(columns, "past_recency_days"),
            age=_floats(columns, "past_age_days"),
            customer_count=np.ones(len(columns["past_age_days"])),
        ),
        group_segment=_segments(groups),
        groups=_occasions(groups),
        year_count=_floats(columns, "past_year_occasion_count"),
        year_amount=_floats(columns, "past_year_net_amount"),
        prior_count=_floats(columns, "prior_occasion_count"),
        came_count=_floats(columns, "holdout_occasion_count"),
    )
