"""What is expected of customers who did the same: one row a group, in days and 365-day years."""

from collections.abc import Mapping

import numpy as np

from pipelines.value.fitting import WHOLE, Segments
from pipelines.value.mbg_nbd import MbgNbd
from pipelines.value.occasions import Floats, Occasions

MONTH = 365 / 12
"""Days of a month: twelve are the 365 days of rfm."""

INTERVAL = (0.1, 0.9)
"""Eight of ten customers of a group do what lies between these quantiles."""


def score_groups(
    models: Mapping[str, MbgNbd],
    segment: Segments,
    occasions: Occasions,
    *,
    yearly_discount_rate: float,
) -> dict[str, Floats]:
    """Expectations by group, by their name in int_occasion__scored.

    Args:
        models: By segment, and under `WHOLE` for segments without one.
        segment: Of each group.
        occasions: The groups, in days.
        yearly_discount_rate: What money in a year is worth less than money today (M33).
    """
    columns: dict[str, Floats] = {}
    for name in np.unique(segment):
        chosen = segment == name
        model = models.get(str(name), models[WHOLE])
        for column, values in _score(model, occasions.of(chosen), yearly_discount_rate).items():
            columns.setdefault(column, np.empty(len(segment)))[chosen] = values
    return columns


def _score(model: MbgNbd, occasions: Occasions, yearly_discount_rate: float) -> dict[str, Floats]:
    kept = (1 + yearly_discount_rate) ** (-1 / 12)
    until = [np.zeros(len(occasions.frequency))]
    discounted = [until[0]]
    for month in range(1, 37):
        until.append(model.expected_occasions(occasions, month * MONTH))
        discounted.append(discounted[-1] + (until[-1] - until[-2]) * kept**month)
    low, high = (model.quantile(occasions, 365, share) for share in INTERVAL)
    return {
        "alive_rate": model.alive_rate(occasions),
        "expected_3m_occasions": until[3],
        "expected_12m_occasions": until[12],
        "low_12m_occasions": low,
        "high_12m_occasions": high,
        "discounted_12m_occasions": discounted[12],
        "discounted_36m_occasions": discounted[36],
    }
