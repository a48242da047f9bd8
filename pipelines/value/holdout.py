"""How well a model foretold what came: measures over the customers that were known before.

All arrays are by customer and of one length. Customers of equal rank share what came of them, so
that no measure depends on the order of the rows.
"""

import numpy as np

from pipelines.value.occasions import Floats

DECILES = 10


def total_bias(predicted: Floats, actual: Floats) -> float | None:
    """By which share more was foretold than came; None where nothing came."""
    came = float(actual.sum())
    return float(predicted.sum()) / came - 1 if came else None


def mean_absolute_error(predicted: Floats, actual: Floats) -> float:
    """Mean distance of what was foretold of a customer to what came."""
    return float(np.abs(predicted - actual).mean())


def top_decile_capture(score: Floats, actual: Floats) -> float | None:
    """Share of what came that the tenth of customers with the highest score brought."""
    came = float(actual.sum())
    top = -(-len(score) // DECILES)
    return float(_shared(score, actual)[:top].sum()) / came if came else None


def ranking(score: Floats, has_come: Floats) -> float | None:
    """Chance that who came again has a higher score than who did not (area under the ROC curve).

    None where everybody came, or nobody.
    """
    from scipy.stats import rankdata

    came = float(has_come.sum())
    stayed_away = len(has_come) - came
    if not came or not stayed_away:
        return None
    above = float((rankdata(score) * has_come).sum()) - came * (came + 1) / 2
    return above / (came * stayed_away)


def calibration(predicted: Floats, actual: Floats) -> list[tuple[float, float]]:
    """Mean of what was foretold and of what came, by tenth of customers from the highest down."""
    foretold = np.array_split(np.sort(predicted)[::-1], DECILES)
    came = np.array_split(_shared(predicted, actual), DECILES)
    return [
        (float(each.mean()), float(of_each.mean()))
        for each, of_each in zip(foretold, came, strict=True)
        if len(each)
    ]


def rfm_score(recency: Floats, frequency: Floats, money: Floats) -> Floats:
    """The sum of the three scores of the mart rfm (M24); money decides between equal sums."""
    total = _quintile(-recency) + _quintile(frequency) + _quintile(money)
    return np.asarray(total + _percent_rank(money) / 2, dtype=np.float64)


def _quintile(values: Floats) -> Floats:
    return np.minimum(5, 1 + np.floor(5 * _percent_rank(values)))


def _percent_rank(values: Floats) -> Floats:
    """Share of the other customers with a lower value."""
    from scipy.stats import rankdata

    ranks = np.asarray(rankdata(values, method="min"), dtype=np.float64)
    return (ranks - 1) / max(len(values) - 1, 1)


def _shared(score: Floats, actual: Floats) -> Floats:
    """What came, by score from the highest down, as the mean over customers of equal score."""
    _, where = np.unique(-score, return_inverse=True)
    count = np.bincount(where)
    mean = np.bincount(where, weights=actual) / count
    return np.asarray(np.repeat(mean, count), dtype=np.float64)
