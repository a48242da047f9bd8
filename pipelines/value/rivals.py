"""BG/NBD and Pareto/NBD: the models beside which MBG/NBD is held, by their likelihood alone.

BG/NBD lets nobody leave before the second occasion, so that who came once is alive for certain.
Pareto/NBD lets customers leave at any moment, at a rate that is gamma distributed (s, beta). Fader,
Hardie and Lee 2005; Schmittlein, Morrison and Colombo 1987.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from pipelines.value.fitting import WHOLE, Row, parameter_rows, unfitted
from pipelines.value.likelihood import Fit, NotFitted, maximise
from pipelines.value.mbg_nbd import MbgNbd
from pipelines.value.occasions import Floats, Occasions

_TIMES = {"bg_nbd": (1,), "pareto_nbd": (1, 3)}
"""Which parameters are times, as alpha and beta are."""

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "bg_nbd": ("r", "alpha", "a", "b"),
    "pareto_nbd": ("r", "alpha", "s", "beta"),
}
"""Names of the parameters in the order of a fit, by model."""

SAMPLE_GROUPS = 1_000
"""A comparison needs no more groups of customers."""

_FITTED_AGE = 10.0


def bg_nbd_log_likelihood(parameters: Floats, occasions: Occasions) -> float:
    """Of all customers, for r, alpha, a and b."""
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    x, again = occasions.frequency, occasions.frequency > 0
    stayed = betaln(a, b + x) - (r + x) * np.log(alpha + occasions.age)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + occasions.recency)
    logs = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    logs = logs + np.logaddexp(stayed, np.where(again, left, -np.inf))
    return float((occasions.customer_count * logs).sum())


def pareto_nbd_log_likelihood(parameters: Floats, occasions: Occasions) -> float:
    """Of all customers, for r, alpha, s and beta."""
    from scipy.special import gammaln, hyp2f1

    r, alpha, s, beta = parameters
    x, age, recency = occasions.frequency, occasions.age, occasions.recency
    total = r + s + x
    # The larger of the two scales stands below the line, or 2F1 would be beyond its circle.
    most, second = (alpha, s + 1) if alpha >= beta else (beta, r + x)
    apart = abs(alpha - beta)

    def left_by(time: Floats) -> Floats:
        value = hyp2f1(total, second, total + 1, apart / (most + time))
        return np.asarray(np.log(value) - total * np.log(most + time), dtype=np.float64)

    at_last, at_end = left_by(recency), left_by(age)
    gone = at_last + np.log1p(-np.exp(np.minimum(at_end - at_last, -1e-15)))
    active = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    logs = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    logs = logs + np.logaddexp(active, np.log(s / total) + gone)
    return float((occasions.customer_count * logs).sum())


_LIKELIHOODS: Mapping[str, Callable[[Floats, Occasions], float]] = {
    "bg_nbd": bg_nbd_log_likelihood,
    "pareto_nbd": pareto_nbd_log_likelihood,
}


def fit_rival(code: str, occasions: Occasions) -> Fit:
    """The most likely parameters of a rival.

    Args:
        code: The model, of `PARAMETERS`.
        occasions: The customers.

    Raises:
        NotFitted: When there is no optimum.
    """
    factor = _FITTED_AGE / occasions.mean_age
    scaled = occasions.scaled(factor)
    likelihood = _LIKELIHOODS[code]
    fit = maximise(
        lambda values: likelihood(values, scaled),
        np.ones(4),
        occasions.size,
        is_near=True,
    )
    parameters = fit.parameters.copy()
    parameters[list(_TIMES[code])] /= factor
    return Fit(
        parameters=parameters,
        log_likelihood=likelihood(parameters, occasions),
        covariance=fit.covariance,
        size=fit.size,
    )


def rival_rows(occasions: Occasions, own: MbgNbd) -> Iterator[Row]:
    """Parameters of the rivals, and their likelihood with that of MBG/NBD on the same customers.

    Args:
        occasions: All customers.
        own: MBG/NBD of them.
    """
    some = _sample(occasions)
    for code, names in PARAMETERS.items():
        try:
            fit = fit_rival(code, some)
        except NotFitted as problem:
            yield unfitted(code, str(problem))
            continue
        yield from parameter_rows(code, WHOLE, names, fit)
        yield Row(
            model_code=code,
            segment_code=WHOLE,
            measure_code="sample_log_likelihood",
            measure=fit.log_likelihood,
            baseline=own.log_likelihood(some),
        )


def _sample(occasions: Occasions) -> Occasions:
    """Some of the groups, evenly from first to last: rivals are fitted without a gradient."""
    count = len(occasions.frequency)
    if count <= SAMPLE_GROUPS:
        return occasions
    return occasions.of(np.linspace(0, count - 1, SAMPLE_GROUPS).astype(np.intp))
