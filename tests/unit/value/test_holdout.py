"""What a forecast was worth, on customers few enough to count."""

import numpy as np
import pytest

from pipelines.value.holdout import (
    calibration,
    mean_absolute_error,
    ranking,
    rfm_score,
    top_decile_capture,
    total_bias,
)
from pipelines.value.occasions import Floats


def of(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def test_bias_and_error_of_three_customers() -> None:
    predicted, actual = of(2, 1, 1.5), of(1, 0, 4)
    # 4.5 foretold and 5 came; away by 1, 1 and 2.5.
    assert total_bias(predicted, actual) == pytest.approx(-0.1)
    assert mean_absolute_error(predicted, actual) == pytest.approx(1.5)
    assert total_bias(predicted, of(0, 0, 0)) is None


def test_the_top_decile_of_20_is_two_and_ties_share_what_came() -> None:
    actual = np.zeros(20)
    actual[:4] = [5, 3, 1, 1]
    score = -np.arange(20.0)
    assert top_decile_capture(score, actual) == pytest.approx(0.8)
    # The first four are alike: two of them brought 2.5 each, whatever the order of the rows.
    alike = np.where(np.arange(20) < 4, 1.0, 0.0)
    for order in (np.arange(20), np.arange(20)[::-1]):
        assert top_decile_capture(alike[order], actual[order]) == pytest.approx(0.5)
    assert top_decile_capture(score, np.zeros(20)) is None


def test_a_ranking_counts_pairs_in_order() -> None:
    # Of the four pairs of one who came and one who did not, two are in order and one is tied.
    assert ranking(of(3, 1, 1, 2), of(1, 1, 0, 0)) == pytest.approx(2.5 / 4)
    assert ranking(of(1, 2), of(1, 1)) is None
    assert ranking(of(1, 2), of(0, 0)) is None


def test_calibration_goes_from_the_highest_tenth_down() -> None:
    predicted = np.arange(20.0)
    rows = calibration(predicted, predicted * 2)
    assert rows[0] == (18.5, 37.0)
    assert rows[-1] == (0.5, 1.0)
    assert len(rows) == 10
    assert calibration(of(1, 2), of(0, 3)) == [(2.0, 3.0), (1.0, 0.0)]


def test_plain_rfm_scores_as_the_mart_does_and_money_decides_ties() -> None:
    recency, frequency, money = of(0, 10, 20), of(3, 3, 1), of(10, 20, 5)
    # Percent ranks: recency 1, .5, 0; frequency .5, .5, 0; money .5, 1, 0.
    assert rfm_score(recency, frequency, money) == pytest.approx(
        of(5 + 3 + 3 + 0.25, 3 + 3 + 5 + 0.5, 1 + 1 + 1)
    )
