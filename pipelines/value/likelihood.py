"""Maximum likelihood over positive parameters: one way to fit for all models."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipelines.value.occasions import Floats

_START_SPREAD = (0.0, 1.5, -1.5)

_FURTHEST = 12.0
"""A logarithm of a parameter beyond this is no optimum: 160,000 times the scaled unit."""

_IMPOSSIBLE = 1e6
"""Stands for the loss where the likelihood is not finite."""


class NotFitted(RuntimeError):
    """No optimum was found; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A maximum of the likelihood.

    Attributes:
        parameters: In the order of the model.
        log_likelihood: Of all customers.
        covariance: Of the logarithms of the parameters, from the curvature at the maximum.
        size: Number of customers that it is fitted on.
    """

    parameters: Floats
    log_likelihood: float
    covariance: Floats
    size: float

    def interval(self, deviations: float = 1.96) -> tuple[Floats, Floats]:
        """Lowest and highest plausible values of the parameters, by default with 95 %."""
        errors = deviations * np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return self.parameters * np.exp(-errors), self.parameters * np.exp(errors)


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What is believed of the parameters before the customers of a segment are looked at.

    Attributes:
        center: The most plausible parameters, in the order of the model.
        precision: Of their logarithms: the inverse of a covariance.
    """

    center: Floats
    precision: Floats

    @classmethod
    def of_whole(cls, fit: Fit, customer_count: float) -> "Prior":
        """The fit on all customers, as strong as if it came from so many of the segment."""
        precision = np.linalg.pinv(fit.covariance) * customer_count / fit.size
        return cls(center=fit.parameters, precision=np.asarray(precision, dtype=np.float64))

    def penalty(self, parameters: Floats) -> float:
        """By how much parameters are less plausible than the center, as a log likelihood."""
        away = np.log(parameters) - np.log(self.center)
        return float(away @ self.precision @ away) / 2

    def slope(self, parameters: Floats) -> Floats:
        """The derivatives of the penalty by the logarithms of the parameters."""
        away = np.log(parameters) - np.log(self.center)
        return np.asarray(self.precision @ away, dtype=np.float64)


def maximise(
    log_likelihood: Callable[[Floats], float],
    start: Floats,
    size: float,
    *,
    gradient: Callable[[Floats], Floats] | None = None,
    prior: Prior | None = None,
    is_near: bool = False,
) -> Fit:
    """Find the positive parameters of the highest log likelihood.

    The search is over logarithms, so that every point is allowed, and from three starts, so that a
    ridge does not end it early. It is BFGS, whose steps numpy makes: L-BFGS-B of scipy starts
    threads for a matrix of four numbers, which cost more than the likelihood.

    Args:
        log_likelihood: Of all customers, for positive parameters.
        start: A plausible point.
        size: Number of customers, by which the likelihood is scaled to be of the order of 1.
        gradient: Derivatives of the log likelihood by the parameters; None has them measured.
        prior: What parameters are drawn towards.
        is_near: Whether the start is known to be near to the optimum, so that one search does.

    Raises:
        NotFitted: When no start ends in an optimum, or a parameter ends at no sensible value.
    """
    from scipy.optimize import minimize

    def loss(logs: Floats) -> float:
        if np.any(np.abs(logs) > _FURTHEST + 1):
            return _IMPOSSIBLE
        parameters = np.exp(logs)
        value = log_likelihood(parameters) - (prior.penalty(parameters) if prior else 0)
        return -value / size if np.isfinite(value) else _IMPOSSIBLE

    def slope(logs: Floats) -> Floats:
        parameters = np.exp(logs)
        by_logs = gradient(parameters) * parameters if gradient else np.zeros(len(logs))
        if prior:
            by_logs -= prior.slope(parameters)
        return -np.nan_to_num(by_logs) / size

    with np.errstate(all="ignore"):
        found = [
            minimize(
                loss,
                np.log(start) + spread,
                jac=slope if gradient else None,
                method="BFGS",
                options={"maxiter": 200, "gtol": 1e-7},
            )
            for spread in (_START_SPREAD[:1] if is_near else _START_SPREAD)
        ]
        best = min(found, key=lambda result: float(result.fun))
        logs = np.asarray(best.x, dtype=np.float64)
        if best.fun >= _IMPOSSIBLE:
            raise NotFitted("the likelihood is not finite at any point that was tried")
        if np.any(np.abs(logs) > _FURTHEST):
            raise NotFitted("a parameter has no optimum: these customers do not tell it")
        covariance = np.linalg.pinv(_curvature(loss, logs)) / size
        parameters = np.exp(logs)
        return Fit(
            parameters=parameters,
            log_likelihood=log_likelihood(parameters),
            covariance=np.asarray(covariance, dtype=np.float64),
            size=size,
        )


def _curvature(loss: Callable[[Floats], float], logs: Floats) -> Floats:
    """The second derivatives, by central differences."""
    step = 1e-3
    count = len(logs)
    unit = np.eye(count) * step
    curvature = np.empty((count, count))
    for row in range(count):
        for column in range(row, count):
            curvature[row, column] = curvature[column, row] = (
                loss(logs + unit[row] + unit[column])
                - loss(logs + unit[row] - unit[column])
                - loss(logs - unit[row] + unit[column])
                + loss(logs - unit[row] - unit[column])
            ) / (4 * step * step)
    return curvature
