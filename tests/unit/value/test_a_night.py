"""From the summary of customers to fits, figures and scores, on customers who were made so."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import duckdb
import numpy as np
import pytest

from benchmarks.value import HOLDOUT_DAYS, MARGIN_P, MARGIN_Q, TRUTH, make_customers
from pipelines.value.fitting import FEWEST_CUSTOMERS, WHOLE, Row
from pipelines.value.mbg_nbd import MbgNbd
from pipelines.value.occasions import Occasions
from pipelines.value.rivals import PARAMETERS
from pipelines.value.summary import SCORES, as_table, fit, score

Figures = dict[tuple[str, str, str], Row]


def figures(rows: Sequence[Row]) -> Figures:
    found = {(row.model_code, row.segment_code, row.measure_code): row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def customers() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        make_customers(connection, 6_000, seed=18)
        yield connection


@pytest.fixture(scope="module")
def rows(customers: duckdb.DuckDBPyConnection) -> list[Row]:
    return fit(customers.table("customer"), holdout_days=HOLDOUT_DAYS)


def refit(customers: duckdb.DuckDBPyConnection, query: str) -> Figures:
    return figures(fit(customers.sql(query), holdout_days=HOLDOUT_DAYS))


def test_each_segment_has_its_own_customers_parameters(rows: list[Row]) -> None:
    found = figures(rows)
    for name, value in asdict(TRUTH["store"]).items():
        row = found["mbg_nbd", "store", name]
        assert row.low_measure < row.measure < row.high_measure
        assert row.measure == pytest.approx(value, rel=0.25), name
    # Those of the web come less often and leave sooner.
    for name in ("alpha", "a"):
        store, web = (found["mbg_nbd", segment, name] for segment in TRUTH)
        assert store.high_measure < web.measure, name


def test_margins_have_their_parameters_and_what_expectations_are_made_of(rows: list[Row]) -> None:
    found = figures(rows)
    assert found["gamma_gamma", WHOLE, "p"].measure == pytest.approx(MARGIN_P, rel=0.2)
    assert found["gamma_gamma", WHOLE, "q"].measure == pytest.approx(MARGIN_Q, rel=0.1)
    assert abs(found["gamma_gamma", WHOLE, "correlation"].measure) < 0.1
    weight = found["gamma_gamma", WHOLE, "weight_count"].measure
    assert weight == pytest.approx((MARGIN_Q - 1) / MARGIN_P, rel=0.2)


def test_rivals_are_held_beside_it_on_the_same_customers(rows: list[Row]) -> None:
    found = figures(rows)
    for code, names in PARAMETERS.items():
        assert all(found[code, WHOLE, name].measure > 0 for name in names)
        likelihood = found[code, WHOLE, "sample_log_likelihood"]
        # Customers who leave after an occasion, the first included, are told apart from others.
        assert likelihood.measure < likelihood.baseline < 0


def test_the_holdout_is_foretold_better_than_by_what_needs_no_model(rows: list[Row]) -> None:
    found = figures(rows)
    for segment in (WHOLE, "store"):
        bias = found["mbg_nbd", segment, "total_bias"]
        assert abs(bias.measure) < 0.1 < abs(bias.baseline)
        error = found["mbg_nbd", segment, "mean_absolute_error"]
        assert error.measure < error.baseline
        for name in ("top_decile_capture", "churn_ranking"):
            assert (
                found["mbg_nbd", segment, name].measure > found["mbg_nbd", segment, name].baseline
            )
    means = [found["mbg_nbd", WHOLE, f"calibration_{tenth:02d}"] for tenth in range(1, 11)]
    assert [row.measure for row in means] == sorted((row.measure for row in means), reverse=True)
    assert means[0].measure == pytest.approx(means[0].baseline, rel=0.1)


def test_each_group_of_customers_has_one_score_by_its_segments_model(
    customers: duckdb.DuckDBPyConnection, rows: list[Row]
) -> None:
    scored = score(
        customers.table("customer"),
        customers.from_arrow(as_table(rows)),
        yearly_discount_rate=0.1,
    )
    assert sum(scored["customer_count"].to_pylist()) == 6_000
    found = figures(rows)
    group = scored.to_pylist()[-1]
    assert group["segment_code"] == "web"
    model = MbgNbd(**{n: found["mbg_nbd", "web", n].measure for n in ("r", "alpha", "a", "b")})
    alone = Occasions(
        frequency=np.array([group["frequency_count"]], dtype=np.float64),
        recency=np.array([group["recency_days"]], dtype=np.float64),
        age=np.array([group["age_days"]], dtype=np.float64),
        customer_count=np.ones(1),
    )
    until = [0.0, *(float(model.expected_occasions(alone, k * 365 / 12)[0]) for k in range(1, 37))]
    assert group["expected_3m_occasions"] == pytest.approx(until[3])
    assert group["expected_12m_occasions"] == pytest.approx(until[12])
    # M33, month by month: what comes in month k is worth 1.1 to the power of -k/12.
    for months, name in ((12, "discounted_12m_occasions"), (36, "discounted_36m_occasions")):
        worth = sum((until[k] - until[k - 1]) / 1.1 ** (k / 12) for k in range(1, months + 1))
        assert group[name] == pytest.approx(worth)
    assert group["low_12m_occasions"] <= group["expected_12m_occasions"] + 1
    assert group["low_12m_occasions"] <= group["high_12m_occasions"]


def test_without_a_cost_nothing_is_said_of_margins(customers: duckdb.DuckDBPyConnection) -> None:
    found = refit(
        customers,
        "select * replace (0 as margin_occasion_count, null::decimal(18, 4) as mean_margin_amount) "
        "from customer where segment_code = 'web'",
    )
    assert [key for key in found if "nbd" not in key[0]] == [("gamma_gamma", WHOLE, "fit")]
    assert "of a margin" in str(found["gamma_gamma", WHOLE, "fit"].reason)
    # One segment is the whole.
    assert {segment for _, segment, _ in found} == {WHOLE}


def test_margins_that_go_with_frequency_are_shrunk_means(
    customers: duckdb.DuckDBPyConnection,
) -> None:
    found = refit(
        customers,
        "select * replace ((frequency_count * 3 - 5)::decimal(18, 4) as mean_margin_amount) "
        "from customer where segment_code = 'web' and frequency_count > 0",
    )
    assert "another margin" in str(found["gamma_gamma", WHOLE, "fit"].reason)
    assert ("shrunken_mean", WHOLE, "population_mean") in found
    assert ("gamma_gamma", WHOLE, "population_mean") not in found


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (f"true limit {FEWEST_CUSTOMERS - 1}", f"fewer than {FEWEST_CUSTOMERS} customers"),
        ("frequency_count = 0", "no customer came a second time"),
    ],
)
def test_what_cannot_be_fitted_says_why_and_scores_nobody(
    customers: duckdb.DuckDBPyConnection, where: str, reason: str
) -> None:
    chosen = customers.sql(f"select * from customer where {where}")
    rows = fit(chosen, holdout_days=HOLDOUT_DAYS)
    found = figures(rows)
    assert found["mbg_nbd", WHOLE, "fit"].reason == reason
    assert found["mbg_nbd", WHOLE, "holdout"].reason == f"no holdout: {reason}"
    scored = score(chosen, customers.from_arrow(as_table(rows)), yearly_discount_rate=0.1)
    assert len(scored) == 0
    assert set(SCORES) < set(scored.column_names)


def test_a_house_younger_than_the_holdout_is_fitted_and_not_judged(
    customers: duckdb.DuckDBPyConnection,
) -> None:
    found = refit(
        customers,
        "select * replace (null::double as past_age_days) from customer where segment_code = 'web'",
    )
    assert found["mbg_nbd", WHOLE, "r"].measure
    assert found["mbg_nbd", WHOLE, "holdout"].reason == "no holdout: nobody was known before it"
    assert ("mbg_nbd", WHOLE, "total_bias") not in found


def test_a_house_without_customers_has_no_row_and_all_columns(
    customers: duckdb.DuckDBPyConnection,
) -> None:
    nobody = customers.sql("select * from customer where false")
    fitted = as_table(fit(nobody, holdout_days=HOLDOUT_DAYS))
    assert (len(fitted), fitted.column_names[0]) == (0, "model_code")
    assert len(score(nobody, customers.from_arrow(fitted), yearly_discount_rate=0.1)) == 0
