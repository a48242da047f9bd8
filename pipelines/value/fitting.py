"""What a night fits: purchases and margins on all that is known, and how a quarter was foretold.

Parameters and figures are rows of one table (`ROW`), each found by model, segment and measure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.value import holdout
from pipelines.value.gamma_gamma import (
    HIGHEST_CORRELATION,
    GammaGamma,
    credibility,
    fit_gamma_gamma,
)
from pipelines.value.likelihood import Fit, NotFitted
from pipelines.value.mbg_nbd import MbgNbd, fit_mbg_nbd
from pipelines.value.occasions import Floats, Occasions

WHOLE = "all"
"""Segment of the rows that speak of all customers."""

FEWEST_CUSTOMERS = 200
"""Of fewer customers, or means of fewer, nothing is fitted: parameters need something to go by."""

WHOLE_WEIGHT = 500.0
"""The fit on all customers weighs as much as so many customers of a segment."""

SHRUNKEN_MEAN = "shrunken_mean"
"""Code of what stands in where Gamma-Gamma does not hold."""

Segments = NDArray[np.str_]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A parameter or a figure.

    Attributes:
        model_code: The model that it belongs to.
        segment_code: Customers that it was found on.
        measure_code: Its name.
        measure: Its value; None where there is none, with the reason.
        low_measure: The lowest plausible value (95 %) of a parameter.
        high_measure: The highest.
        baseline: What the model has to beat in this measure, or for a calibration what came.
        reason: Why there is no value.
    """

    model_code: str
    segment_code: str
    measure_code: str
    measure: float | None = None
    low_measure: float | None = None
    high_measure: float | None = None
    baseline: float | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Past:
    """Customers who were known before the holdout, one by one.

    Attributes:
        segment: Their segments.
        occasions: What was known of them.
        group_segment: Segments of the same customers as groups.
        groups: The groups.
        year_count: Occasions of the year before the holdout.
        year_amount: Net sales of that year.
        prior_count: Occasions of as many days before the holdout as it has.
        came_count: Occasions of the holdout.
    """

    segment: Segments
    occasions: Occasions
    group_segment: Segments
    groups: Occasions
    year_count: Floats
    year_amount: Floats
    prior_count: Floats
    came_count: Floats


def fit_purchases(
    segment: Segments, occasions: Occasions
) -> tuple[dict[str, tuple[MbgNbd, Fit]], list[Row]]:
    """MBG/NBD by segment, and of all customers under `WHOLE`.

    Args:
        segment: Of each group of customers.
        occasions: The groups.

    Returns:
        The models that could be fitted, none where the whole could not, and the rows that say so.
    """
    if occasions.size < FEWEST_CUSTOMERS:
        return {}, [unfitted(MbgNbd.CODE, f"fewer than {FEWEST_CUSTOMERS} customers")]
    try:
        model, whole = fit_mbg_nbd(occasions)
    except NotFitted as problem:
        return {}, [unfitted(MbgNbd.CODE, str(problem))]
    fits = {WHOLE: (model, whole)}
    names = np.unique(segment)
    for name in names if len(names) > 1 else ():
        chosen = occasions.of(segment == name)
        try:
            fits[str(name)] = fit_mbg_nbd(chosen, whole=whole, whole_weight=WHOLE_WEIGHT)
        except NotFitted:
            continue  # the whole stands for it
    return fits, [
        row
        for name, (fitted, fit) in fits.items()
        for row in parameter_rows(MbgNbd.CODE, name, asdict(fitted), fit)
    ]


def fit_margins(occasion_count: Floats, mean_margin: Floats, customer_count: Floats) -> list[Row]:
    """Gamma-Gamma of customers who came again, or a shrunken mean where it does not hold (M32).

    Args:
        occasion_count: Occasions of known margin, by group of customers, at least 1.
        mean_margin: Mean margin of them, of any sign.
        customer_count: Customers of the group.

    Returns:
        Rows that end with the two numbers that make expectations: the mean of all customers, and
        how many occasions it weighs.
    """
    if customer_count.sum() < FEWEST_CUSTOMERS:
        return [unfitted(GammaGamma.CODE, f"fewer than {FEWEST_CUSTOMERS} customers of a margin")]
    correlation = _correlation(occasion_count, mean_margin, customer_count)
    rows = [_figure(GammaGamma.CODE, WHOLE, "correlation", correlation, HIGHEST_CORRELATION)]
    positive = mean_margin > 0
    try:
        if abs(correlation) >= HIGHEST_CORRELATION:
            raise NotFitted("who comes often brings another margin an occasion")
        model, fit = fit_gamma_gamma(
            occasion_count[positive], mean_margin[positive], customer_count[positive]
        )
    except NotFitted as problem:
        rows.append(unfitted(GammaGamma.CODE, str(problem)))
        mean, weight = credibility(occasion_count, mean_margin, customer_count)
        return [*rows, *_expectation(SHRUNKEN_MEAN, mean, weight)]
    rows.extend(parameter_rows(GammaGamma.CODE, WHOLE, asdict(model), fit))
    return [*rows, *_expectation(GammaGamma.CODE, model.population_mean, model.weight_count)]


def judge_purchases(past: Past, horizon: float) -> Iterator[Row]:
    """How the models, fitted on what was known before the holdout, foretold it.

    Args:
        past: Customers who were known.
        horizon: Days of the holdout.
    """
    fits, rows = fit_purchases(past.group_segment, past.groups)
    if not fits:
        for row in rows:
            yield unfitted(MbgNbd.CODE, f"no holdout: {row.reason}", "holdout")
        return
    expected = np.empty(len(past.came_count))
    names = np.unique(past.segment)
    for name in names:
        of_segment = past.segment == name
        model, _ = fits.get(str(name), fits[WHOLE])
        expected[of_segment] = model.expected_occasions(past.occasions.of(of_segment), horizon)
    yield from _figures(WHOLE, past, expected, np.full(len(expected), True))
    for name in names if len(names) > 1 else ():
        yield from _figures(str(name), past, expected, past.segment == name)


def _figures(
    segment: str, past: Past, expected: Floats, chosen: NDArray[np.bool_]
) -> Iterator[Row]:
    predicted, came, naive = expected[chosen], past.came_count[chosen], past.prior_count[chosen]
    absence = (past.occasions.age - past.occasions.recency)[chosen]
    rfm = holdout.rfm_score(absence, past.year_count[chosen], past.year_amount[chosen])
    has_come = np.minimum(came, 1.0)
    figures = {
        "total_bias": (holdout.total_bias(predicted, came), holdout.total_bias(naive, came)),
        "mean_absolute_error": (
            holdout.mean_absolute_error(predicted, came),
            holdout.mean_absolute_error(naive, came),
        ),
        "top_decile_capture": (
            holdout.top_decile_capture(predicted, came),
            holdout.top_decile_capture(rfm, came),
        ),
        "churn_ranking": (
            holdout.ranking(predicted, has_come),
            holdout.ranking(-absence, has_come),
        ),
    }
    for name, (value, baseline) in figures.items():
        yield _figure(MbgNbd.CODE, segment, name, value, baseline)
    for decile, (mean, actual) in enumerate(holdout.calibration(predicted, came), start=1):
        yield _figure(MbgNbd.CODE, segment, f"calibration_{decile:02d}", mean, actual)


def parameter_rows(code: str, segment: str, names: Iterable[str], fit: Fit) -> Iterator[Row]:
    """The parameters of a fit with their intervals, and what it was fitted on.

    Args:
        code: The model.
        segment: The customers.
        names: Of the parameters, in the order of the fit.
        fit: The fit.
    """
    for name, value, low, high in zip(names, fit.parameters, *fit.interval(), strict=True):
        yield Row(
            model_code=code,
            segment_code=segment,
            measure_code=name,
            measure=float(value),
            low_measure=float(low),
            high_measure=float(high),
        )
    yield _figure(code, segment, "log_likelihood", fit.log_likelihood)
    yield _figure(code, segment, "customer_count", fit.size)


def _expectation(code: str, mean: float, weight: float) -> Sequence[Row]:
    return (
        _figure(code, WHOLE, "population_mean", mean),
        _figure(code, WHOLE, "weight_count", weight),
    )


def _figure(
    code: str, segment: str, name: str, value: float | None, baseline: float | None = None
) -> Row:
    return Row(
        model_code=code,
        segment_code=segment,
        measure_code=name,
        measure=value,
        baseline=baseline,
        reason="nothing to compare came in the holdout" if value is None else None,
    )


def unfitted(code: str, reason: str, measure: str = "fit") -> Row:
    """The row that stands for what could not be found, with the reason."""
    return Row(model_code=code, segment_code=WHOLE, measure_code=measure, reason=reason)


def _correlation(x: Floats, y: Floats, weights: Floats) -> float:
    """Of two columns of groups; 0 where one of them does not differ."""
    covariance = np.cov(x, y, fweights=weights.astype(np.int64))
    spread = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(covariance[0, 1]) / spread if spread > 0 else 0.0


def models_of(rows: Sequence[Mapping[str, object]]) -> dict[str, MbgNbd]:
    """The models of purchases by segment, from the rows that a fit left."""
    parameters: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["model_code"] == MbgNbd.CODE and row["measure_code"] in ("r", "alpha", "a", "b"):
            values = parameters.setdefault(str(row["segment_code"]), {})
            values[str(row["measure_code"])] = float(str(row["measure"]))
    return {segment: MbgNbd(**values) for segment, values in parameters.items()}
