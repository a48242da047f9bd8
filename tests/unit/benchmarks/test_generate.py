from pathlib import Path

import duckdb
import pytest

from benchmarks.delivery import Delivery
from benchmarks.generate import generate
from pipelines.feeds.check import check_file
from pipelines.feeds.mapping import claims_on, load_mappings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return generate(tmp_path_factory.mktemp("delivery"), lines=8_000, days=8, nights=2)


def _files(delivery: Delivery) -> list[Path]:
    return sorted([*delivery.landing.rglob("*.csv"), *delivery.nights.rglob("*.csv")])


def test_the_same_seed_gives_the_same_bytes(delivery: Delivery, tmp_path: Path) -> None:
    again = generate(tmp_path, lines=8_000, days=8, nights=2)
    assert [path.read_bytes() for path in _files(again)] == [
        path.read_bytes() for path in _files(delivery)
    ]


def test_each_day_is_a_file_and_the_nights_lie_apart(delivery: Delivery) -> None:
    assert len(list((delivery.landing / "sales").iterdir())) == 8
    assert sorted(path.name for path in delivery.nights.rglob("*.csv")) == [
        "sales_2026-01-15.csv",
        "sales_2026-01-16.csv",
    ]
    assert delivery.night_date.isoformat() == "2026-01-15"
    (first,) = delivery.night(delivery.night_date).rglob("*.csv")
    assert first.name == "sales_2026-01-15.csv"
    assert delivery.first_date.isoformat() == "2026-01-07"


def test_the_file_gate_and_the_contracts_pass_every_row(delivery: Delivery, tmp_path: Path) -> None:
    mappings = load_mappings(delivery.mappings)
    for path in _files(delivery):
        name = f"{path.parent.name}/{path.name}"
        assert claims_on(name, mappings)
        (found,) = check_file(path, name=name, mappings=mappings, work=tmp_path, show_rows=1)
        assert found.loaded_count == found.row_count > 0


def test_it_looks_like_a_grocer(delivery: Delivery) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table line as from read_csv('{delivery.landing}/sales/*.csv')")
        found = connection.execute(
            """
            select
                count(*),
                count(*) / count(distinct (sold_at, receipt)),
                count(distinct receipt) filter (card is not null) / count(distinct receipt),
                (select max(n) from (select count(*) as n from line group by item)) / count(*),
                avg((discount <> 0)::int)
            from line
            """
        ).fetchall()
    lines, per_receipt, card_rate, top_share, offered_rate = found[0]
    assert 7_000 < lines < 9_000
    assert 9 < per_receipt < 11
    assert 0.6 < card_rate < 0.95
    assert 0.02 < top_share < 0.06
    assert 0 < offered_rate < 0.5
