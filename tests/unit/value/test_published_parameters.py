"""The CDNOW panel fitted from its raw transactions, against what was published and `lifetimes`."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from cdnow import END, WEEKS_AFTER, Panel, transactions_file
from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data

from pipelines.value.gamma_gamma import GammaGamma, fit_gamma_gamma
from pipelines.value.holdout import ranking, total_bias
from pipelines.value.likelihood import Fit
from pipelines.value.mbg_nbd import MbgNbd, fit_mbg_nbd
from pipelines.value.occasions import Occasions
from pipelines.value.rivals import fit_rival

Fitted = tuple[MbgNbd, Fit]


def oracle(fitter: object, model: MbgNbd | GammaGamma) -> object:
    """The fitter of lifetimes with our parameters instead of its own.

    The package has no types and sets its parameters only by a fit: object has no such attribute.
    """
    fitter.params_ = pd.Series(asdict(model))  # type: ignore[attr-defined]
    return fitter


def test_the_panel_is_summarised_as_lifetimes_does(cdnow: Panel) -> None:
    raw = pd.read_csv(
        transactions_file(),
        parse_dates=["day"],
        date_format="%Y%m%d",
        sep=r"\s+",
        header=None,
        names=["id", "number", "day", "units", "value"],
    )
    summary = summary_data_from_transaction_data(
        raw, "id", "day", "value", observation_period_end=END
    )
    assert len(summary) == len(cdnow.mean_value) == 2357
    assert cdnow.occasions.frequency == pytest.approx(summary["frequency"].to_numpy())
    assert cdnow.occasions.recency * 7 == pytest.approx(summary["recency"].to_numpy())
    assert cdnow.occasions.age * 7 == pytest.approx(summary["T"].to_numpy())
    assert cdnow.mean_value == pytest.approx(summary["monetary_value"].to_numpy())


def test_mbg_nbd_has_the_published_parameters(fitted: Fitted) -> None:
    """As in the vignette of the R package BTYDplus, which fits the same 39 weeks."""
    model, fit = fitted
    assert asdict(model) == pytest.approx(
        {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, rel=2e-3
    )
    lowest, highest = fit.interval()
    assert np.all((lowest < fit.parameters) & (fit.parameters < highest))


def test_gamma_gamma_has_the_published_parameters(cdnow: Panel) -> None:
    """Fader and Hardie 2013: p 6.25, q 3.74, v 15.44 on 946 customers who came again."""
    again = (cdnow.occasions.frequency > 0) & (cdnow.mean_value > 0)
    count, mean = cdnow.occasions.frequency[again], cdnow.mean_value[again]
    assert len(count) == 946
    model, _ = fit_gamma_gamma(count, mean, np.ones(len(count)))
    assert asdict(model) == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, rel=5e-3)
    told = oracle(GammaGammaFitter(), model).conditional_expected_average_profit(count, mean)
    assert model.expected_value(count, mean) == pytest.approx(np.asarray(told))


def test_the_rivals_have_the_published_parameters(cdnow: Panel, fitted: Fitted) -> None:
    """Fader, Hardie and Lee 2005, tables 2 and 3."""
    bg_nbd = fit_rival("bg_nbd", cdnow.occasions)
    assert bg_nbd.parameters == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
    assert bg_nbd.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    pareto_nbd = fit_rival("pareto_nbd", cdnow.occasions)
    assert pareto_nbd.parameters == pytest.approx([0.553, 10.578, 0.606, 11.669], abs=1e-3)
    assert pareto_nbd.log_likelihood == pytest.approx(-9595.0, abs=0.1)


def test_each_customer_is_scored_as_lifetimes_does(cdnow: Panel, fitted: Fitted) -> None:
    model, _ = fitted
    told = oracle(ModifiedBetaGeoFitter(), model)
    o = cdnow.occasions
    alive = told.conditional_probability_alive(o.frequency, o.recency, o.age)
    assert model.alive_rate(o) == pytest.approx(alive)
    for weeks in (1, 13, 52, 156):
        came = told.conditional_expected_number_of_purchases_up_to_time(
            weeks, o.frequency, o.recency, o.age
        )
        assert model.expected_occasions(o, weeks) == pytest.approx(np.asarray(came), rel=1e-6)


def test_the_expectation_is_the_sum_over_all_counts(cdnow: Panel, fitted: Fitted) -> None:
    """E[Y] is the sum of P(Y >= n), two formulas that share nothing but the parameters."""
    model, _ = fitted
    some = cdnow.occasions.of(np.arange(0, 2357, 50))
    summed = sum(
        model.at_least(some, 13, np.full(len(some.frequency), float(count)))
        for count in range(1, 200)
    )
    assert summed == pytest.approx(model.expected_occasions(some, 13), rel=1e-6)


def test_a_quantile_is_the_fewest_occasions_that_are_rarely_exceeded(
    cdnow: Panel, fitted: Fitted
) -> None:
    model, _ = fitted
    for share in (0.1, 0.9):
        found = model.quantile(cdnow.occasions, 52, share)
        assert np.all(model.at_least(cdnow.occasions, 52, found + 1) <= 1 - share)
        some = cdnow.occasions.of(found > 0)
        assert np.all(model.at_least(some, 52, found[found > 0]) > 1 - share)
    assert found.max() > 10


def test_the_39_weeks_after_are_foretold(cdnow: Panel, fitted: Fitted) -> None:
    """The panel is known for it: MBG/NBD foretells a sixth too few, and ranks well all the same."""
    model, _ = fitted
    foretold = model.expected_occasions(cdnow.occasions, WEEKS_AFTER)
    assert total_bias(foretold, cdnow.later_count) == pytest.approx(-0.162, abs=0.002)
    has_come = np.minimum(cdnow.later_count, 1)
    absence = cdnow.occasions.age - cdnow.occasions.recency
    found, by_recency = ranking(foretold, has_come), ranking(-absence, has_come)
    assert found
    assert by_recency
    assert found > by_recency
    highest = model.quantile(cdnow.occasions, WEEKS_AFTER, 0.9)
    assert np.mean(cdnow.later_count <= highest) == pytest.approx(0.95, abs=0.05)


def test_neither_grouping_nor_the_unit_of_time_changes_a_fit(cdnow: Panel, fitted: Fitted) -> None:
    _, fit = fitted
    o = cdnow.occasions
    rows = np.stack([o.frequency, o.recency, o.age], axis=1)
    groups, count = np.unique(rows, axis=0, return_counts=True)
    assert len(groups) < len(rows)
    grouped = Occasions(
        frequency=groups[:, 0],
        recency=groups[:, 1],
        age=groups[:, 2],
        customer_count=count.astype(np.float64),
    )
    _, in_days = fit_mbg_nbd(grouped.scaled(7))
    in_weeks = in_days.parameters / np.array([1, 7, 1, 1])
    assert in_weeks == pytest.approx(fit.parameters, rel=1e-4)
    lowest, _ = in_days.interval()
    assert lowest / np.array([1, 7, 1, 1]) == pytest.approx(fit.interval()[0], rel=1e-2)


def test_a_segment_is_drawn_to_the_whole_the_more_the_fewer_customers_it_has(
    cdnow: Panel, fitted: Fitted
) -> None:
    _, whole = fitted
    # Those who came again soon are no fair sample: left alone, their fit is another one.
    segment = cdnow.occasions.of(np.flatnonzero(cdnow.occasions.frequency > 2)[:100])
    away = []
    for weight in (10, 1000, 100_000):
        _, fit = fit_mbg_nbd(segment, whole=whole, whole_weight=weight)
        away.append(float(np.abs(np.log(fit.parameters / whole.parameters)).max()))
    assert away[0] > away[1] > away[2]
    assert away[0] > 0.5
    assert away[2] < 0.05
