"""Pairs of basket_affinity against Spark's FP-growth on the same baskets."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from spark_home import SparkHome, skip_without_spark

from benchmarks.affinity import prepare
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

pytestmark = pytest.mark.spark

skip_without_spark("PAIRS WERE NOT MINED BY FP-GROWTH")

LINES, DAYS = 200_000, 40
FEWEST, MIN_CHI_SQUARE = 20, 10.83
"""As in dbt_project.yml."""

# Every transaction is a basket, also one of members that are bought too seldom to be kept.
BASKETS = """
copy (
    select
        concat_ws('|', level, fiscal_period_code, cluster_code) as market,
        list(distinct case when level = 'item' then product_id else category_name end) as members
    from core.fct_sales as line
    inner join core.dim_store using (store_key)
    inner join core.dim_product using (product_key)
    inner join core.dim_date on line.business_date = dim_date.date_day
    cross join (values ('item'), ('category')) as levels (level)
    group by market, receipt_id
) to '{path}' (format parquet)
"""

Pairs = dict[tuple[str, str, str], tuple[float, ...]]


@pytest.fixture(scope="module")
def house(dbt_place: "DbtPlace", tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Twenty thousand random receipts, some goods of which go with each other, and their pairs."""
    settings = Settings(home=dbt_place.clear())
    prepare(settings, LINES, DAYS)
    raise_for_failures(invoke_dbt(settings, ["--quiet", "run", "--select", "basket_affinity"]))
    dbt_place.keep()
    return Settings(home=dbt_place.home.rename(tmp_path_factory.mktemp("paired") / "home"))


@pytest.fixture(scope="module")
def mined(house: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory = tmp_path_factory.mktemp("fp_growth")
    baskets, answer = directory / "baskets.parquet", directory / "answer.json"
    with duckdb.connect(str(house.warehouse_database), read_only=True) as connection:
        connection.execute(BASKETS.format(path=baskets))
    spark = SparkHome(directory / "spark_home")
    spark.prepare()
    script = Path(__file__).with_name("fp_growth.py")
    command = [sys.executable, script, baskets, FEWEST, answer]
    spark.run([str(part) for part in command], timeout=300)
    return json.loads(answer.read_text(encoding="utf-8"))


def kept_pairs(house: Settings, mined: dict[str, Any]) -> Pairs:
    """The pairs that FP-growth finds frequent, and that are met beyond chance."""
    with duckdb.connect(str(house.warehouse_database), read_only=True) as connection:
        totals = dict(
            connection.execute(
                """
                select concat_ws('|', fiscal_period_code, cluster_code), count(*)
                from core.fct_basket
                inner join core.dim_store using (store_key)
                inner join core.dim_date on business_date = date_day
                group by all
                """
            ).fetchall()
        )
    kept = {}
    for market, found in mined.items():
        counts = {tuple(sorted(members)): count for members, count in found["sets"]}
        rules = {(left, right): told for left, right, *told in found["rules"]}
        total = totals[market.partition("|")[2]]
        for (left, right), both in ((s, n) for s, n in counts.items() if len(s) == 2):
            n_left, n_right = counts[(left,)], counts[(right,)]
            rest = n_left * n_right * (total - n_left) * (total - n_right)
            if rest and total * (total * both - n_left * n_right) ** 2 / rest > MIN_CHI_SQUARE:
                confidence, lift = rules[left, right]
                back, _ = rules[right, left]
                kept[market, left, right] = (
                    total, n_left, n_right, both, both / total, confidence, back, lift,
                )  # fmt: skip
    return kept


def test_pairs_and_their_rules_are_those_of_fp_growth(
    house: Settings, mined: dict[str, Any]
) -> None:
    with duckdb.connect(str(house.warehouse_database), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                concat_ws('|', affinity_level, fiscal_period_code, cluster_code), left_code,
                right_code, basket_count, left_basket_count, right_basket_count,
                pair_basket_count, support_rate, confidence_left_to_right_rate,
                confidence_right_to_left_rate, lift
            from marts.basket_affinity
            """
        ).fetchall()
    published: Pairs = {row[:3]: row[3:] for row in rows}
    expected = kept_pairs(house, mined)
    for level in ("item", "category"):
        assert len([key for key in expected if key[0].startswith(level)]) > 50, level
    assert published.keys() == expected.keys()
    for pair, measures in expected.items():
        assert published[pair] == pytest.approx(measures), pair
