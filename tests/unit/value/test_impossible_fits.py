"""Customers that tell nothing end in a clear state and never in a number."""

from contextlib import suppress

import numpy as np
import pytest

from pipelines.value.gamma_gamma import credibility, fit_gamma_gamma, shrunken_mean
from pipelines.value.likelihood import NotFitted
from pipelines.value.mbg_nbd import fit_mbg_nbd
from pipelines.value.occasions import ImpossibleOccasions, Occasions


def occasions(*rows: tuple[float, float, float, float]) -> Occasions:
    frequency, recency, age, count = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Occasions(frequency=frequency, recency=recency, age=age, customer_count=count)


@pytest.mark.parametrize(
    "row",
    [
        (-1, 1, 5, 1),
        (1, 6, 5, 1),  # came after the end
        (0, 3, 5, 1),  # came again, and never came again
        (2, 0, 5, 1),
        (1, 1, 5, 0),
        (1, 1, np.nan, 1),
    ],
)
def test_a_group_that_cannot_be_is_refused_by_its_number(row: tuple[float, ...]) -> None:
    with pytest.raises(ImpossibleOccasions, match="group 1: "):
        occasions((1, 1, 5, 1), row)


def test_no_customer_is_no_fit() -> None:
    with pytest.raises(ImpossibleOccasions, match="no customer with an occasion"):
        occasions()


def test_without_anybody_who_came_again_there_is_no_fit() -> None:
    with pytest.raises(NotFitted, match="no customer came a second time"):
        fit_mbg_nbd(occasions((0, 0, 30, 500), (0, 0, 90, 500)))


@pytest.mark.parametrize(
    "rows",
    [
        [(3, 20, 30, 1)],
        [(0, 0, 0, 999), (1, 1, 1, 1)],
        [(2, 10, 365, 1000)],
    ],
    ids=["one", "all new", "alike and gone"],
)
def test_customers_who_do_not_differ_have_no_fit_or_a_finite_one(
    rows: list[tuple[float, float, float, float]],
) -> None:
    customers, expected = occasions(*rows), np.zeros(1)
    with suppress(NotFitted):
        expected = fit_mbg_nbd(customers)[0].expected_occasions(customers, 365)
    assert np.all(np.isfinite(expected) & (expected >= 0))


def test_margins_that_have_no_mean_have_no_fit() -> None:
    with pytest.raises(NotFitted, match="no customer who came again"):
        fit_gamma_gamma(np.array([]), np.array([]), np.array([]))
    # From 2 cents to 55, as many at each power: the tail has no mean.
    one, mean = np.ones(400), np.exp(np.linspace(-4, 4, 400))
    with pytest.raises(NotFitted, match="have no mean"):
        fit_gamma_gamma(np.full(400, 30.0), mean, one)


def test_without_gamma_gamma_means_are_shrunk_by_what_varies_within_customers() -> None:
    draw = np.random.default_rng(5)
    count = draw.integers(1, 20, 20_000).astype(np.float64)
    own = draw.normal(10, 2, len(count))
    mean = own + draw.normal(0, 6 / np.sqrt(count))
    population, weight = credibility(count, mean, np.ones(len(count)))
    assert population == pytest.approx(10, rel=0.02)
    # Variances 36 within and 4 between: nine occasions weigh as much as all customers do.
    assert weight == pytest.approx(9, rel=0.15)
    expected = shrunken_mean(count, mean, population, weight)
    assert np.mean((expected - own) ** 2) < 0.8 * np.mean((mean - own) ** 2)
    assert shrunken_mean(np.array([0.0]), np.array([np.nan]), 7.0, 3.0) == [7.0]


def test_one_customer_has_no_mean_of_all() -> None:
    with pytest.raises(NotFitted, match="two customers"):
        credibility(np.array([3.0]), np.array([5.0]), np.array([1.0]))
