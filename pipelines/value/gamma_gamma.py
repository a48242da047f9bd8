"""Gamma-Gamma: what an occasion of a customer brings.

The value of an occasion is gamma distributed around a customer's mean, and the means are
distributed over customers such that few occasions are drawn towards all customers (p, q, v). Fader
and Hardie 2013. Formula: M32. It holds where how often and how much have little to do with each
other.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pipelines.value.likelihood import Fit, NotFitted, maximise
from pipelines.value.occasions import Floats

HIGHEST_CORRELATION = 0.3
"""Of frequency and mean value: from it on the model's assumption does not hold (M32)."""


@dataclass(frozen=True, kw_only=True)
class GammaGamma:
    """Parameters; v is in the unit of money."""

    CODE: ClassVar[str] = "gamma_gamma"

    p: float
    q: float
    v: float

    @classmethod
    def of(cls, parameters: Floats) -> "GammaGamma":
        """The model with parameters in the order of the fit."""
        p, q, v = (float(value) for value in parameters)
        return cls(p=p, q=q, v=v)

    def log_likelihood(
        self, occasion_count: Floats, mean_value: Floats, customer_count: Floats
    ) -> float:
        """Of all customers with a positive mean value."""
        from scipy.special import gammaln

        x, m = occasion_count, mean_value
        each, where = np.unique(x, return_inverse=True)
        of_count = gammaln(self.p * each + self.q) - gammaln(self.p * each)
        logs = (
            of_count[where]
            + (self.p * x - 1) * np.log(m)
            + self.p * x * np.log(x)
            - (self.p * x + self.q) * np.log(x * m + self.v)
        )
        constant = self.q * np.log(self.v) - gammaln(self.q)
        return float((customer_count * logs).sum() + constant * customer_count.sum())

    @property
    def population_mean(self) -> float:
        """The value of an occasion of a customer of whom nothing is known."""
        return self.v * self.p / (self.q - 1)

    @property
    def weight_count(self) -> float:
        """How many occasions of a customer's own weigh as much as the mean of all."""
        return (self.q - 1) / self.p

    def expected_value(self, occasion_count: Floats, mean_value: Floats) -> Floats:
        """The value of the next occasion: the own mean, drawn towards that of all."""
        return shrunken_mean(occasion_count, mean_value, self.population_mean, self.weight_count)


def shrunken_mean(
    occasion_count: Floats, mean_value: Floats, population_mean: float, weight_count: float
) -> Floats:
    """A customer's own mean, drawn towards that of all where it is of few occasions.

    Args:
        occasion_count: Occasions that the own mean is of; 0 leaves the mean of all.
        mean_value: The own mean; anything where there is no occasion.
        population_mean: The mean of all.
        weight_count: How many own occasions weigh as much as it.
    """
    own = occasion_count / (occasion_count + weight_count)
    known = np.where(occasion_count > 0, mean_value, 0.0)
    return np.asarray(own * known + (1 - own) * population_mean, dtype=np.float64)


def fit_gamma_gamma(
    occasion_count: Floats, mean_value: Floats, customer_count: Floats
) -> tuple[GammaGamma, Fit]:
    """The most likely parameters.

    Args:
        occasion_count: Occasions that the mean is of, by group of customers, at least 1.
        mean_value: Mean value of them, above 0.
        customer_count: Customers of the group.

    Raises:
        NotFitted: When there is no optimum, or the mean over all customers has no value.
    """
    if not len(mean_value):
        raise NotFitted("no customer who came again brought a positive margin")
    scale = float(np.average(mean_value, weights=customer_count))
    fit = maximise(
        lambda values: GammaGamma.of(values).log_likelihood(
            occasion_count, mean_value / scale, customer_count
        ),
        np.array([3.0, 3.0, 2.0]),
        float(customer_count.sum()),
    )
    parameters = fit.parameters * np.array([1.0, 1.0, scale])
    model = GammaGamma.of(parameters)
    if model.q <= 1:
        raise NotFitted("margins differ so much between customers that they have no mean")
    found = Fit(
        parameters=parameters,
        log_likelihood=model.log_likelihood(occasion_count, mean_value, customer_count),
        covariance=fit.covariance,
        size=fit.size,
    )
    return model, found


def credibility(
    occasion_count: Floats, mean_value: Floats, customer_count: Floats
) -> tuple[float, float]:
    """The mean of all and how many occasions it weighs, where Gamma-Gamma does not hold.

    Means of few occasions lie further apart: their squared distance to the mean of all is the
    variance between customers plus that between occasions over their number (Bühlmann and Straub).

    Args:
        occasion_count: Occasions that the mean is of, by group of customers, at least 1.
        mean_value: Mean value of them, of any sign.
        customer_count: Customers of the group.

    Raises:
        NotFitted: When there are fewer than two customers.
    """
    if customer_count.sum() < 2:
        raise NotFitted("a mean of all needs two customers who came again")
    mean = float(np.average(mean_value, weights=customer_count * occasion_count))
    distance = (mean_value - mean) ** 2
    design = np.column_stack([np.ones_like(occasion_count), 1 / occasion_count])
    root = np.sqrt(customer_count)
    (between, within), *_ = np.linalg.lstsq(design * root[:, None], distance * root, rcond=None)
    if within <= 0:
        return mean, 0.0
    # No difference between customers at all: everybody is expected to bring the mean.
    return mean, float(within / between) if between > 0 else 1e9
