"""Items and stores are replaced one by one, and a dimension is what a full build would make of it.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import rendered_models

from pipelines.warehouse.history import write_changed_versions

VIEWS = (
    "stg_master__item",
    "int_product__versioned",
    "int_product__named",
    "stg_master__store",
    "int_store__versioned",
)
ITEMS = [f"I{number}" for number in range(12)]
GTINS = [f"{number:014d}" for number in range(6)]
STORES = [f"S{number}" for number in range(6)]
ENTITIES = ("product", "store")
Item = tuple[str, str | None, str]
"""Number, GTIN and department."""


class House:
    """raw.duckdb with the views of models, and a warehouse that their changes go to."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.full = {e: rendered_models.render(f"dim_{e}").sql for e in ENTITIES}
        self.replaced = {
            e: rendered_models.render(f"dim_{e}", is_incremental=True) for e in ENTITIES
        }
        self.file_id = 0
        self.random = random.Random(13)

    def deliver(self, day: date, items: list[Item]) -> int:
        """Load an extract of items."""
        return self._load("item", "item_id, gtin, level_1", day, items)

    def open(self, day: date, stores: list[tuple[str, str]]) -> int:
        """Load an extract of stores: number and cluster."""
        return self._load("store", "store_id, cluster", day, stores)

    def _load(self, feed: str, columns: str, day: date, rows: list[tuple]) -> int:
        self.file_id += 1
        marks = ", ".join("?" * len(rows[0]))
        self.connection.executemany(
            f"insert into feeds.{feed} ({columns}, extract_date, _file_id, _line_number) "
            f"values ({marks}, ?, ?, ?)",
            [(*row, day, self.file_id, line) for line, row in enumerate(rows)],
        )
        self.connection.execute(
            "insert into ledger.file (file_id, feed, status, sha256, name_values, "
            "mapping_version) values (?, ?, 'loaded', ?, '', '1')",
            [self.file_id, feed, str(self.file_id)],
        )
        return self.file_id

    def withdraw(self, file_id: int) -> None:
        """Take a file's rows back out."""
        for feed in ("item", "store"):
            self.connection.execute(f"delete from feeds.{feed} where _file_id = ?", [file_id])
        self.connection.execute("delete from ledger.file where file_id = ?", [file_id])

    def name(self, entity: str, members: list[str]) -> None:
        """Say which members facts name."""
        table = f"raw.intermediate.int_{entity}__referenced"
        self.connection.execute(f"delete from {table}")
        self.connection.execute(f"insert into {table} select unnest(?)", [members])

    def build(self) -> None:
        """The first night."""
        for entity, sql in self.full.items():
            self.connection.execute(f"create table warehouse.core.dim_{entity} as {sql}")

    def night(self, feeds: set[str] | None) -> set[str]:
        """A further night, and the members that it replaced."""
        write_changed_versions(self.connection, feeds)
        changed = set()
        for entity, model in self.replaced.items():
            self.connection.execute("begin")
            self.connection.execute(model.pre_hook)
            self.connection.execute(f"insert into warehouse.core.dim_{entity} by name {model.sql}")
            self.connection.execute("commit")
            rows = self.connection.execute(f"from history.changed_{entity}").fetchall()
            changed |= {member for (member,) in rows}
        return changed

    def differences(self) -> list[tuple]:
        """Rows by which the dimensions differ from those that are built whole."""
        found = []
        for entity, sql in self.full.items():
            self.connection.execute(f"create or replace temp table whole as {sql}")
            standing = f"warehouse.core.dim_{entity}"
            found += self.connection.execute(
                f"select 'missing', * from (from whole except all from {standing}) "
                f"union all select 'stale', * from (from {standing} except all from whole)"
            ).fetchall()
        return found

    def products(self) -> list[tuple[str, str, date, bool]]:
        """What stands of products: number, department, since when, whether inferred."""
        return self.connection.execute(
            "select product_id, department_name, valid_from_date, is_inferred "
            "from warehouse.core.dim_product where product_key > 0 order by all"
        ).fetchall()


@pytest.fixture(scope="module")
def template(empty_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw.duckdb with the views of the models."""
    path = tmp_path_factory.mktemp("replaced_masters") / "raw.duckdb"
    shutil.copyfile(empty_raw, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema staging;
            create schema intermediate;
            create table intermediate.int_product__referenced (product_id text);
            create table intermediate.int_store__referenced (store_id text);
            create table intermediate.int_customer__described (customer_id text);
            """
        )
        for view in VIEWS:
            place = rendered_models.place_of(view)
            connection.execute(f"create view {place} as {rendered_models.render(view).sql}")
    return path


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[House]:
    shutil.copyfile(template, tmp_path / "raw.duckdb")
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as connection:
        connection.execute(
            "set threads = 1; attach ':memory:' as warehouse; create schema warehouse.core"
        )
        rendered_models.create_other_dimensions(connection, *ENTITIES)
        yield House(connection)


def day(number: int) -> date:
    return date(2026, 1, 1) + timedelta(days=number)


def some_items(house: House, chosen: list[str]) -> list[Item]:
    """What an extract says of items: mostly what the one before said."""
    return [
        (item, house.random.choice([*GTINS, None]), house.random.choice("AAAB")) for item in chosen
    ]


def change(house: House, files: list[int], night: int) -> set[str]:
    """Whatever may come between two nights, and the feeds that it touches."""
    kind = night % 6
    if kind == 0:
        files.append(house.deliver(day(night), some_items(house, ITEMS[night % 5 :])))
    elif kind == 1:
        late = day(house.random.randint(-5, night))
        files.append(house.deliver(late, some_items(house, house.random.sample(ITEMS, 3))))
    elif kind == 2:
        stores = house.random.sample(STORES, 3)
        clusters = [(store, house.random.choice("ab")) for store in stores]
        house.open(day(house.random.randint(-5, night)), clusters)
        return {"store"}
    elif kind == 3:
        house.withdraw(files.pop(house.random.randrange(len(files))))
        files.append(house.deliver(day(night), some_items(house, ["I1", "I2"])))
    else:
        # Nothing but facts: items and GTINs known, forgotten and never heard of.
        named = house.random.sample([*ITEMS, *GTINS, "X1", "X2"], 8)
        house.name("product", named)
        house.name("store", [house.random.choice([*STORES, "S9"])])
        return {"pos_line"}
    return {"item"}


def test_whatever_comes_in_whatever_order_the_dimensions_are_what_a_full_build_makes(
    house: House,
) -> None:
    house.name("product", ["I1", GTINS[0], "X1"])
    files = [house.deliver(day(0), some_items(house, ITEMS))]
    house.open(day(0), [(store, "a") for store in STORES[:4]])
    house.build()
    coded = 0
    for night in range(1, 30):
        house.night(change(house, files, night))
        assert house.differences() == [], f"night {night}"
        coded += any(not inferred for number, _, _, inferred in house.products() if number in GTINS)
    assert coded > 5, "a GTIN stood with the versions of its item"


def test_only_what_changed_is_replaced(house: House) -> None:
    house.deliver(day(0), [(item, None, "A") for item in ITEMS])
    house.open(day(0), [(store, "a") for store in STORES])
    house.build()
    house.deliver(day(9), [(item, None, "A") for item in ITEMS])
    assert house.night({"item"}) == set()
    house.deliver(day(5), [("I3", None, "B"), ("I4", None, "A")])
    house.open(day(5), [("S1", "a"), ("S2", "b")])
    assert house.night({"item", "store"}) == {"I3", "S2"}


def test_a_gtin_that_a_line_names_without_any_extract_has_the_versions_of_its_item(
    house: House,
) -> None:
    house.deliver(day(0), [("I1", GTINS[1], "A")])
    house.deliver(day(5), [("I1", GTINS[1], "B")])
    house.build()
    item = [("I1", "A", date(1900, 1, 1), False), ("I1", "B", day(5), False)]
    assert house.products() == item
    for _ in range(2):
        house.name("product", [GTINS[1]])
        assert house.night({"pos_line"}) == set()
        assert house.products() == [(GTINS[1], *row[1:]) for row in item] + item
        house.name("product", [])
        house.night({"pos_line"})
        assert house.products() == item


def test_versions_of_a_night_that_was_stopped_are_not_taken_for_those_of_now(house: House) -> None:
    """It had compared an extract, which was withdrawn before the warehouse was touched."""
    house.deliver(day(0), [("I1", GTINS[1], "A")])
    house.build()
    house.night({"item"})
    withdrawn = house.deliver(day(5), [("I1", GTINS[1], "B")])
    write_changed_versions(house.connection, {"item"})
    house.withdraw(withdrawn)
    house.name("product", [GTINS[1]])
    house.night({"pos_line"})
    assert house.differences() == []


def test_a_change_that_is_not_looked_for_leaves_a_stale_row(house: House) -> None:
    """The test of the test: the comparison with a full build sees what a night left out."""
    house.deliver(day(0), [("I1", None, "A")])
    house.open(day(0), [("S1", "a")])
    house.build()
    house.open(day(1), [("S1", "b")])
    house.night({"pos_line"})
    assert {row[0] for row in house.differences()} == {"missing", "stale"}


def test_any_order_of_deliveries_gives_the_same_dimensions(house: House) -> None:
    """Night by night, shuffled, is what the one load of everything is."""
    extracts = [(day(n), some_items(house, house.random.sample(ITEMS, 5))) for n in range(8)]
    house.name("product", [*ITEMS, *GTINS])
    house.build()
    hashes = set()
    for _ in range(3):
        loaded = []
        for extract in house.random.sample(extracts, len(extracts)):
            loaded.append(house.deliver(*extract))
            house.night({"item"})
        hashes |= set(
            house.connection.execute(
                "select md5(string_agg(p::text, ',' order by p::text)) "
                "from warehouse.core.dim_product as p"
            ).fetchall()
        )
        for file_id in loaded:
            house.withdraw(file_id)
    assert len(hashes) == 1
