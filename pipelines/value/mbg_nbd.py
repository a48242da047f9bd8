"""MBG/NBD: how many occasions a customer will have, and whether there will be any.

While active a customer buys at a Poisson rate, which is gamma distributed over customers (r,
alpha); after each occasion, the first one included, the customer leaves with a probability that is
beta distributed (a, b). Batislam, Denizel and Filiztekin 2007; Hoppe and Wagner 2007. The formulas
are M31.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipelines.value.likelihood import Fit, NotFitted, Prior, maximise
from pipelines.value.occasions import Floats, Occasions

_SEARCH_GROUPS = 20_000
"""The optimum is looked for on so many groups, and then from there on all."""

_FITTED_AGE = 10.0
"""Times are scaled to this mean age for the search, so that it begins near in any unit."""


@dataclass(frozen=True, kw_only=True)
class MbgNbd:
    """Parameters, in the unit of time of the occasions that they were fitted on."""

    CODE: ClassVar[str] = "mbg_nbd"

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def of(cls, parameters: Floats) -> "MbgNbd":
        """The model with parameters in the order of the fit."""
        r, alpha, a, b = (float(value) for value in parameters)
        return cls(r=r, alpha=alpha, a=a, b=b)

    def log_likelihood(self, occasions: Occasions) -> float:
        """Of all customers, those of one occasion included."""
        from scipy.special import betaln, gammaln

        x = occasions.frequency
        each, where = occasions.distinct_frequency
        of_frequency = (
            gammaln(self.r + each) + betaln(self.a, self.b + each) - np.log(self.a + self.b + each)
        )
        stayed = np.log(self.b + x) - (self.r + x) * np.log(self.alpha + occasions.age)
        left = np.log(self.a) - (self.r + x) * np.log(self.alpha + occasions.recency)
        constant = self.r * np.log(self.alpha) - gammaln(self.r) - betaln(self.a, self.b)
        logs = of_frequency[where] + np.logaddexp(stayed, left)
        count = occasions.customer_count
        return float((count * logs).sum() + constant * count.sum())

    def gradient(self, occasions: Occasions) -> Floats:
        """The derivatives of the log likelihood by r, alpha, a and b."""
        from scipy.special import digamma

        x = occasions.frequency
        each, where = occasions.distinct_frequency
        grown, then = self.alpha + occasions.age, self.alpha + occasions.recency
        stays = self.alive_rate(occasions)
        leaves = 1 - stays
        total = digamma(self.a + self.b) - digamma(self.a + self.b + each)
        total -= 1 / (self.a + self.b + each)
        by_r = (digamma(self.r + each) - digamma(self.r))[where] + np.log(self.alpha)
        by_r -= stays * np.log(grown) + leaves * np.log(then)
        by_alpha = self.r / self.alpha - (self.r + x) * (stays / grown + leaves / then)
        by_a = total[where] + leaves / self.a
        by_b = (total + digamma(self.b + each) - digamma(self.b))[where] + stays / (self.b + x)
        return np.array(
            [(occasions.customer_count * each_by).sum() for each_by in (by_r, by_alpha, by_a, by_b)]
        )

    def alive_rate(self, occasions: Occasions) -> Floats:
        """Probability that a customer of the group has not left."""
        x = occasions.frequency
        log_odds = (
            np.log(self.a)
            - np.log(self.b + x)
            + (self.r + x)
            * (np.log(self.alpha + occasions.age) - np.log(self.alpha + occasions.recency))
        )
        return np.asarray(1 / (1 + np.exp(np.minimum(log_odds, 700.0))), dtype=np.float64)

    def expected_occasions(self, occasions: Occasions, horizon: float) -> Floats:
        """Occasions within a time from the end of the observation, by group.

        M31 after Euler's transformation of 2F1, whose parameters then stay small where the
        frequency is large, so that the series ends early.
        """
        from scipy.special import hyp2f1

        # There is no closed form for a = 1; the formula is continuous, and this is a hair beside.
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        total = a + self.b + occasions.frequency
        z = horizon / (self.alpha + occasions.age + horizon)
        series = hyp2f1(a + self.b - self.r, a - 1, total, z)
        active = total / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
        return np.asarray(active * self.alive_rate(occasions), dtype=np.float64)

    def at_least(self, occasions: Occasions, horizon: float, count: Floats) -> Floats:
        """Probability of at least so many occasions (1 or more) within a time, by group.

        They come by chance, and the customer must not have left before the last of them; for who
        is active the two are independent.
        """
        from scipy.special import betainc, betaln

        x = occasions.frequency
        come = betainc(count, self.r + x, horizon / (self.alpha + occasions.age + horizon))
        stays = betaln(self.a, self.b + x + count) - betaln(self.a, self.b + x + 1)
        return np.asarray(self.alive_rate(occasions) * come * np.exp(stays), dtype=np.float64)

    def quantile(self, occasions: Occasions, horizon: float, share: float) -> Floats:
        """The fewest occasions that are not exceeded with this probability, by group."""
        lowest = np.zeros(len(occasions.frequency))
        highest = np.ones(len(occasions.frequency))
        reached = self.at_least(occasions, horizon, highest) > 1 - share
        while reached.any():
            lowest[reached] = highest[reached]
            highest[reached] *= 2
            reached[reached] = (
                self.at_least(occasions.of(reached), horizon, highest[reached]) > 1 - share
            )
        open_groups = np.flatnonzero(highest - lowest > 1)
        while len(open_groups):
            middle = np.floor((lowest[open_groups] + highest[open_groups]) / 2)
            more = self.at_least(occasions.of(open_groups), horizon, middle) > 1 - share
            lowest[open_groups[more]] = middle[more]
            highest[open_groups[~more]] = middle[~more]
            open_groups = open_groups[highest[open_groups] - lowest[open_groups] > 1]
        return lowest


def fit_mbg_nbd(
    occasions: Occasions, *, whole: Fit | None = None, whole_weight: float = 0
) -> tuple[MbgNbd, Fit]:
    """The most likely parameters.

    Args:
        occasions: The customers.
        whole: The fit on all customers, where these are a segment of them.
        whole_weight: How many customers of the segment the whole weighs as much as.

    Raises:
        NotFitted: When there is no optimum, such as where nobody came again.
    """
    if not occasions.frequency.any():
        raise NotFitted("no customer came a second time")
    factor = _FITTED_AGE / occasions.mean_age
    scaled = occasions.scaled(factor)
    start, prior = np.array([1.0, 1.0, 1.0, 1.0]), None
    if whole is not None:
        in_scale = Fit(
            parameters=_scaled(whole.parameters, factor),
            log_likelihood=whole.log_likelihood,
            covariance=whole.covariance,
            size=whole.size,
        )
        start, prior = in_scale.parameters, Prior.of_whole(in_scale, whole_weight)
    elif len(scaled.frequency) > _SEARCH_GROUPS:
        start = _maximise(scaled.of(_every(len(scaled.frequency))), start).parameters
    is_near = whole is not None or len(scaled.frequency) > _SEARCH_GROUPS
    fit = _maximise(scaled, start, prior=prior, is_near=is_near)
    parameters = _scaled(fit.parameters, 1 / factor)
    model = MbgNbd.of(parameters)
    found = Fit(
        parameters=parameters,
        log_likelihood=model.log_likelihood(occasions),
        covariance=fit.covariance,
        size=fit.size,
    )
    return model, found


def _maximise(
    occasions: Occasions, start: Floats, *, prior: Prior | None = None, is_near: bool = False
) -> Fit:
    return maximise(
        lambda values: MbgNbd.of(values).log_likelihood(occasions),
        start,
        occasions.size,
        gradient=lambda values: MbgNbd.of(values).gradient(occasions),
        prior=prior,
        is_near=is_near,
    )


def _scaled(parameters: Floats, factor: float) -> Floats:
    """Parameters for times in another unit: alpha is a time, the others are none."""
    return parameters * np.array([1.0, factor, 1.0, 1.0])


def _every(group_count: int) -> NDArray[np.intp]:
    """Some of the groups, evenly from first to last."""
    return np.linspace(0, group_count - 1, _SEARCH_GROUPS).astype(np.intp)
