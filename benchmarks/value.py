"""Measures the models of customer value on a million customers: `python -m benchmarks.value`.

Customers buy and leave as MBG/NBD says, with a rate, a chance to leave and a margin of their own;
their summary stands as the mart btyd_summary would have it. What is fitted is told with time and
memory, beside the parameters that the customers were made with.
"""

import argparse
import resource
import time

import duckdb
import numpy as np

from pipelines.value.mbg_nbd import MbgNbd
from pipelines.value.occasions import Floats
from pipelines.value.summary import as_table, fit, score

DAYS, HOLDOUT_DAYS = 1095, 91

TRUTH = {
    "store": MbgNbd(r=0.8, alpha=40, a=0.7, b=3),
    "web": MbgNbd(r=0.5, alpha=60, a=1.2, b=2),
}
"""By segment; three of four customers are of the first."""

MARGIN_P, MARGIN_Q, MARGIN_V = 6.0, 4.0, 15.0


def make_customers(connection: duckdb.DuckDBPyConnection, customer_count: int, seed: int) -> None:
    """Create the table `customer` with the columns of btyd_summary that the models read."""
    draw = np.random.default_rng(seed)
    is_web = draw.random(customer_count) < 0.25
    store, web = TRUTH["store"], TRUTH["web"]
    rate = np.where(
        is_web,
        draw.gamma(web.r, 1 / web.alpha, customer_count),
        draw.gamma(store.r, 1 / store.alpha, customer_count),
    )
    leaving = np.where(
        is_web, draw.beta(web.a, web.b, customer_count), draw.beta(store.a, store.b, customer_count)
    )
    first = draw.integers(0, DAYS - HOLDOUT_DAYS, customer_count)
    counts = _occasions(draw, first.astype(np.float64), rate, leaving)
    frequency = counts["frequency_count"]
    own = MARGIN_P / draw.gamma(MARGIN_Q, 1 / MARGIN_V, customer_count)
    margin = draw.gamma(np.maximum(MARGIN_P * frequency, 1)) / np.maximum(MARGIN_P * frequency, 1)
    columns = {
        "segment_code": np.where(is_web, "web", "store"),
        **counts,
        "margin_occasion_count": frequency,
        "mean_margin_amount": np.where(frequency > 0, np.round(own * 40 * margin, 4), np.nan),
        "past_year_net_amount": counts["past_year_occasion_count"] * own * 100,
    }
    connection.register("drawn", columns)
    connection.execute(
        "create or replace table customer as select * replace (segment_code::text as segment_code, "
        "case when not isnan(mean_margin_amount) then mean_margin_amount::decimal(18, 4) end "
        "as mean_margin_amount) from drawn"
    )
    connection.unregister("drawn")


def _occasions(
    draw: np.random.Generator, first: Floats, rate: Floats, leaving: Floats
) -> dict[str, Floats]:
    """Occasions after the first one until customers leave or the days end, at most one a day."""
    past_end, year, prior = DAYS - HOLDOUT_DAYS, DAYS - HOLDOUT_DAYS - 365, DAYS - 2 * HOLDOUT_DAYS
    day, last, past_last = first.copy(), first.copy(), first.copy()
    names = (
        "frequency",
        "past_frequency",
        "past_year_occasion",
        "prior_occasion",
        "holdout_occasion",
    )
    counts = {f"{name}_count": np.zeros(len(first)) for name in names}
    counts["past_year_occasion_count"] += first > year
    counts["prior_occasion_count"] += first > prior
    staying = np.flatnonzero(draw.random(len(first)) > leaving)
    while len(staying):
        wait = draw.exponential(1 / np.maximum(rate[staying], 1e-9))
        day[staying] += np.maximum(np.round(wait), 1)
        staying = staying[day[staying] <= DAYS]
        at = day[staying]
        last[staying] = at
        past_last[staying] = np.where(at <= past_end, at, past_last[staying])
        counts["frequency_count"][staying] += 1
        counts["past_frequency_count"][staying] += at <= past_end
        counts["past_year_occasion_count"][staying] += (at > year) & (at <= past_end)
        counts["prior_occasion_count"][staying] += (at > prior) & (at <= past_end)
        counts["holdout_occasion_count"][staying] += at > past_end
        staying = staying[draw.random(len(staying)) > leaving[staying]]
    return {
        **counts,
        "recency_days": last - first,
        "age_days": DAYS - first,
        "past_recency_days": past_last - first,
        "past_age_days": past_end - first,
    }


def main() -> None:
    """Make customers, fit, score, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    options = parser.parse_args()
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        make_customers(connection, options.customers, seed=18)
        wall, cpu = time.monotonic(), time.process_time()
        fitted = as_table(fit(connection.table("customer"), holdout_days=HOLDOUT_DAYS))
        fit_cpu = time.process_time() - cpu
        scored = score(
            connection.table("customer"), connection.from_arrow(fitted), yearly_discount_rate=0.1
        )
        print(
            f"{options.customers:,} customers in {len(scored):,} groups: fitted in {fit_cpu:.1f} "
            f"CPU s, fitted and scored in {time.process_time() - cpu:.1f} CPU s, "
            f"{time.monotonic() - wall:.1f} s, peak "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"
        )
    print(f"made with {TRUTH}")
    for row in fitted.to_pylist():
        values = [row[name] for name in ("measure", "low_measure", "high_measure", "baseline")]
        told = " ".join("-" if value is None else f"{value:.4g}" for value in values)
        print(f"{row['model_code']} {row['segment_code']} {row['measure_code']}: {told}")


if __name__ == "__main__":
    main()
