"""Affinity against a count in plain Python, RFM against pandas, on random baskets."""

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]

RECEIPTS = 600
MIN_PAIR, MIN_CHI_SQUARE = 6, 3.84
"""As in VARIABLES of conftest.py."""
FIRST = date(2026, 2, 1)
"""First day of FY2026-P01; the dates run over two fiscal periods, until 28 March."""


def _draw_lines() -> list[dict[str, Any]]:
    """Baskets of one to a dozen items, few of which are bought often, as in a supermarket."""
    draw = random.Random(20260321)
    items = [f"I{number:02d}" for number in range(24)]
    weights = [1 / (rank + 1) for rank in range(len(items))]
    lines = []
    for receipt in range(RECEIPTS):
        size = min(12, 1 + int(draw.expovariate(0.25)))
        chosen = draw.choices(items, weights, k=size)
        if "I03" in chosen and draw.random() < 0.7:
            chosen.append("I17")  # beer goes with diapers
        customer = f"C{draw.randint(1, 60)}" if receipt % 5 else None
        for line, item in enumerate(chosen, start=1):
            quantity = draw.choice([1, 1, 1, 2, 0])
            lines.append(
                {
                    "store_id": _store_of(receipt),
                    "workstation_id": "1",
                    "transaction_seq": receipt,
                    "business_date": FIRST + timedelta(days=receipt % 56),
                    "line_seq": line,
                    "line_type": "return" if draw.random() < 0.03 else "sale",
                    "item_id": item,
                    "qty": quantity,
                    "extended_amount": Decimal(draw.randint(50, 900)) / 100,
                    "customer_ref": customer,
                }
            )
    return lines


def _store_of(receipt: int) -> str:
    """Two stores in one cluster, one in none."""
    return ("A", "B", "C")[receipt % 3]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return _draw_lines()


@pytest.fixture(scope="module")
def marts(
    lines: list[dict[str, Any]], build_marts: Callable[..., Iterator[Query]]
) -> Iterator[Query]:
    extract = {"extract_date": "2026-02-01"}
    yield from build_marts(
        {
            "pos_line": lines,
            "item": [
                {"item_id": item, "level_2": f"Category {int(item[1:]) % 7}", **extract}
                for item in sorted({line["item_id"] for line in lines})
            ],
            "store": [{"store_id": store, "cluster": "city", **extract} for store in ("A", "B")],
        },
        models=["basket_affinity", "rfm"],
    )


def _count_pairs(lines: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[float, ...]]:
    """Every pair of every basket, none left out beforehand, then the two limits."""
    baskets: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for line in lines:
        if line["line_type"] == "sale" and line["qty"] > 0:
            period = "FY2026-P01" if line["business_date"] < date(2026, 3, 1) else "FY2026-P02"
            cluster = "unclustered" if line["store_id"] == "C" else "city"
            receipt = line["transaction_seq"]
            item = line["item_id"]
            baskets["item " + period, cluster, receipt].add(item)
            baskets["category " + period, cluster, receipt].add(f"Category {int(item[1:]) % 7}")
    totals: Counter[tuple[str, str]] = Counter()
    singles: Counter[tuple[str, str, str]] = Counter()
    pairs: Counter[tuple[str, str, str, str]] = Counter()
    for (period, cluster, _), members in baskets.items():
        totals[period, cluster] += 1
        singles.update((period, cluster, member) for member in members)
        pairs.update(
            (period, cluster, *pair) for pair in itertools.combinations(sorted(members), 2)
        )
    expected = {}
    for (period, cluster, left, right), both in pairs.items():
        total = totals[period, cluster]
        n_left, n_right = singles[period, cluster, left], singles[period, cluster, right]
        rest = n_left * n_right * (total - n_left) * (total - n_right)
        chi_square = total * (total * both - n_left * n_right) ** 2 / rest if rest else 0.0
        if both >= MIN_PAIR and chi_square > MIN_CHI_SQUARE:
            expected[period, cluster, left, right] = (
                total,
                n_left,
                n_right,
                both,
                total * both / (n_left * n_right),
                both / total - n_left / total * (n_right / total),
                chi_square,
            )
    return expected


def test_affinity_equals_a_count_without_pruning(marts: Query, lines: list[dict[str, Any]]) -> None:
    rows = marts(
        """
        select affinity_level || ' ' || fiscal_period_code, cluster_code, left_code, right_code,
            basket_count, left_basket_count, right_basket_count, pair_basket_count, lift, leverage,
            chi_square
        from marts.basket_affinity
        """
    )
    published = {row[:4]: row[4:] for row in rows}
    expected = _count_pairs(lines)
    assert len(expected) > 10
    assert ("I03", "I17") in {key[2:] for key in expected}
    assert published.keys() == expected.keys()
    for pair, measures in expected.items():
        assert published[pair] == pytest.approx(measures), pair


def test_rfm_equals_a_ranking_by_pandas(marts: Query, lines: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame([line for line in lines if line["customer_ref"]])
    sign = frame["line_type"].map({"sale": 1, "return": -1})
    frame["net"] = frame["extended_amount"].astype(float) * sign
    frame["date"] = pd.to_datetime(frame["business_date"])
    days = frame.groupby(["customer_ref", "date"])["net"].sum().reset_index()
    bought = days[days["net"] > 0].groupby("customer_ref")["date"]
    last = pd.Timestamp(max(line["business_date"] for line in lines))
    customers = pd.DataFrame(
        {
            "recency": (last - bought.max()).dt.days,
            "frequency": bought.nunique(),
            "monetary": days.groupby("customer_ref")["net"].sum().round(2),
        }
    ).dropna()

    def score(values: pd.Series) -> pd.Series:
        percent_rank = (values.rank(method="min") - 1) / (len(values) - 1)
        return (1 + (5 * percent_rank).astype(int)).clip(upper=5)

    expected = pd.DataFrame(
        {
            "recency": score(-customers["recency"]),
            "frequency": score(customers["frequency"]),
            "monetary": score(customers["monetary"]),
        }
    )
    published = marts(
        "select customer_ref, recency_score, frequency_score, monetary_score from marts.rfm "
        "inner join (select distinct customer_id, customer_ref from core.fct_sales) "
        "using (customer_id)"
    )
    assert len(published) == len(expected) > 50
    assert {row[0]: row[1:] for row in published} == {
        row.Index: (row.recency, row.frequency, row.monetary) for row in expected.itertuples()
    }
