"""Customers are replaced one by one, and the dimension is what a full build would make of it.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import rendered_models

from pipelines.warehouse.dimensions import HOUSEHOLDS, LINKS, NAME_TOKENS
from pipelines.warehouse.history import write_changed_versions

VIEWS = (
    "stg_crm__customer",
    "stg_crm__loyalty_event",
    "stg_crm__consent",
    "int_customer__linked",
    "int_consent__dated",
    "int_customer__named",
    "int_customer__described",
    "int_customer_record__versioned",
    "int_customer__versioned",
)
NUMBERS = [("crm", f"C{n}") for n in range(24)] + [("webshop", f"C{n}") for n in range(20, 40)]
"""Four numbers are claimed by both systems."""

FEEDS = {"crm_customer", "crm_consent", LINKS, HOUSEHOLDS}
MINTED = "'P' || substr(md5(?), 1, 16)"


class House:
    """raw.duckdb with the views of models, and a warehouse that their changes go to."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.full = rendered_models.render("dim_customer").sql
        self.replaced = rendered_models.render("dim_customer", is_incremental=True)
        self.identified = rendered_models.render("int_customer__identified").sql
        self.file_id = 0
        self.random = random.Random(11)

    def deliver(self, moment: datetime, rows: list[tuple[str, str, str | None]]) -> int:
        """Load an extract: number of the record, change type, age band."""
        self.file_id += 1
        self.connection.execute(
            """
            insert into feeds.crm_customer by name
            select
                source_system, source_customer_id, $moment as extract_ts, op, age_band,
                case when hash(source_system, source_customer_id) % 3 > 0
                    then 'of ' || source_system end as gender,
                age_band || '00 00' || right(source_customer_id, 1) as postcode,
                $file_id as _file_id, 0 as _line_number
            from (
                select
                    unnest($systems) as source_system, unnest($numbers) as source_customer_id,
                    unnest($operations) as op, unnest($bands) as age_band
            )
            """,
            {
                "moment": moment,
                "file_id": self.file_id,
                "systems": [system for (system, _), _, _ in rows],
                "numbers": [number for (_, number), _, _ in rows],
                "operations": [operation for _, operation, _ in rows],
                "bands": [band for _, _, band in rows],
            },
        )
        return self.file_id

    def withdraw(self, file_id: int) -> None:
        """Take a file's rows back out."""
        self.connection.execute("delete from feeds.crm_customer where _file_id = ?", [file_id])

    def link(self, links: dict[tuple[str, str], str]) -> None:
        """Say which records stand under which number; the others are customers of their own."""
        self.connection.execute("delete from identity.xref_customer_identity")
        for (system, number), anchor in links.items():
            self.connection.execute(
                "insert into identity.xref_customer_identity (source_system, source_id, "
                f"customer_id, confidence) values (?, ?, {MINTED}, ?)",
                [system, number, anchor, self.random.choice(["exact", "strict", "loose"])],
            )

    def settle(self, households: dict[str, str]) -> None:
        """Give customers a household."""
        self.connection.execute("delete from identity.household")
        for number, household in households.items():
            self.connection.execute(
                f"insert into identity.household values ({MINTED}, ?, 'test', '2024-01-01', "
                f"'9999-12-31'), ({MINTED}, 'of before', 'test', '1900-01-01', '2023-12-31')",
                [number, household, number],
            )

    def rename(self, names: dict[tuple[str, str], str]) -> None:
        """Give records the token of a name, as of the file that was loaded last."""
        for (system, number), token in names.items():
            self.connection.execute(
                "delete from privacy.customer_contact where source_system = ? and source_id = ?",
                [system, number],
            )
            self.connection.execute(
                "insert into privacy.customer_contact (source_system, source_id, name_token, "
                "extracted_at) values (?, ?, ?, ?)",
                [system, number, token, day(self.file_id)],
            )

    def reward(self, moment: datetime, card: str, tier: str) -> None:
        """Load an event of the loyalty programme."""
        self.file_id += 1
        self.connection.execute(
            "insert into feeds.loyalty_event by name select ? as event_id, ? as loyalty_id, "
            "? as event_ts, ? as event_date, 'tier' as event_type, ? as tier, ? as _file_id",
            [f"E{self.file_id}", card, moment, moment.date(), tier, self.file_id],
        )

    def ask(self, moment: datetime, number: str, status: str) -> None:
        """Load what a customer says of marketing by mail."""
        self.file_id += 1
        self.connection.execute(
            "insert into feeds.crm_consent by name select 'crm' as source_system, "
            "? as source_customer_id, 'marketing' as purpose, 'email' as channel, "
            "? as event_ts, ? as event_date, ? as status, ? as _file_id",
            [number, moment, moment.date(), status, self.file_id],
        )

    def name(self, references: list[str]) -> None:
        """Say which customers facts name."""
        self.connection.execute("delete from raw.intermediate.int_customer__referenced")
        self.connection.execute(
            "insert into raw.intermediate.int_customer__referenced select unnest(?)", [references]
        )

    def build(self) -> None:
        """The first night."""
        self._identify()
        self.connection.execute(f"create or replace table {_DIMENSION} as {self.full}")

    def night(self, feeds: set[str] | None = FEEDS) -> set[str]:
        """A further night, and the customers that it replaced."""
        write_changed_versions(self.connection, feeds)
        self._identify()
        self.connection.execute("begin")
        self.connection.execute(self.replaced.pre_hook)
        self.connection.execute(f"insert into {_DIMENSION} by name {self.replaced.sql}")
        self.connection.execute("commit")
        rows = self.connection.execute("from history.changed_customer").fetchall()
        return {customer for (customer,) in rows}

    def differences(self) -> list[tuple]:
        """Rows by which the dimension differs from one that is built whole."""
        self.connection.execute(f"create or replace temp table whole as {self.full}")
        return self.connection.execute(
            f"select 'missing', * from (from whole except all from {_DIMENSION}) "
            f"union all select 'stale', * from (from {_DIMENSION} except all from whole)"
        ).fetchall()

    def minted(self, number: str) -> str:
        """The customer of a number."""
        return self.connection.execute(f"select {MINTED}", [number]).fetchall()[0][0]

    def _identify(self) -> None:
        self.connection.execute(
            f"create or replace table raw.intermediate.int_customer__identified as "
            f"{self.identified}"
        )


_DIMENSION = "warehouse.core.dim_customer"

# Times at which versions overlap, leave a gap, end early, or share a key.
_BROKEN_HISTORY = f"""
    select * from (
        select *,
            lag(valid_to_date) over history as previous_to_date,
            lead(valid_from_date) over history as next_from_date,
            count(*) over (partition by customer_key) as namesake_count
        from {_DIMENSION}
        window history as (partition by customer_id order by valid_from_date)
    )
    where valid_from_date <> coalesce(previous_to_date + 1, date '1900-01-01')
        or valid_to_date < valid_from_date
        or (next_from_date is null and valid_to_date <> date '9999-12-31')
        or is_current <> (next_from_date is null)
        or namesake_count > 1
"""


@pytest.fixture(scope="module")
def template(empty_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw.duckdb with the views of the models."""
    path = tmp_path_factory.mktemp("replaced_customers") / "raw.duckdb"
    shutil.copyfile(empty_raw, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema staging;
            create schema intermediate;
            create schema seeds;
            create table intermediate.int_customer__referenced (customer_ref text);
            """
        )
        seed = rendered_models.PROJECT / "seeds" / "source_priority.csv"
        connection.execute(f"create table seeds.source_priority as from '{seed}'")
        for view in VIEWS:
            place = rendered_models.place_of(view)
            connection.execute(f"create view {place} as {rendered_models.render(view).sql}")
    return path


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[House]:
    shutil.copyfile(template, tmp_path / "raw.duckdb")
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as connection:
        connection.execute(
            """
            set threads = 1;
            attach ':memory:' as warehouse;
            create schema warehouse.core;
            create table warehouse.core.xref_customer_identity as
            select source_system, source_id, customer_id, unlinked_at
            from identity.xref_customer_identity;
            """
        )
        rendered_models.create_other_dimensions(connection, "customer")
        yield House(connection)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1) + timedelta(days=number)


def extract(house: House, chosen: list[tuple[str, str]], operations: str) -> list[tuple]:
    """What a delivery says of records: mostly what the one before said."""
    bands = ["young", "young", "young", "old", None]
    return [
        (record, house.random.choice(operations), house.random.choice(bands)) for record in chosen
    ]


def change(house: House, files: dict[int, int], night: int) -> set[str]:
    """Whatever may come between two nights, and the feeds that it touches."""
    some = house.random.sample(NUMBERS, house.random.randint(1, 6))
    kind = night % 9
    if kind == 0:
        files[house.deliver(day(night), extract(house, NUMBERS[night % 5 :], "U"))] = night
    elif kind == 1:
        files[house.deliver(day(night), extract(house, some, "IUD"))] = night
    elif kind == 2:
        late = day(house.random.randint(-5, night)) + timedelta(minutes=night)
        files[house.deliver(late, extract(house, some, "UD"))] = night
    elif kind == 3:
        replaced = house.random.choice(list(files))
        house.withdraw(replaced)
        files[house.deliver(day(files.pop(replaced)), extract(house, some, "U"))] = night
    elif kind == 4:
        house.withdraw(files.popitem()[0])
    elif kind == 5:
        linked = house.random.sample(NUMBERS, 12)
        house.link({record: house.random.choice(linked)[1] for record in linked})
        return {LINKS}
    elif kind == 6:
        house.settle({number: f"H{house.random.randint(0, 3)}" for _, number in some})
        house.rename({record: house.random.choice("abc") for record in some})
        return {HOUSEHOLDS, NAME_TOKENS}
    elif kind == 7:
        for _, number in some:
            house.reward(day(night), number, house.random.choice(["basic", "gold"]))
            house.ask(day(night), number, house.random.choice(["granted", "withdrawn"]))
        return {"loyalty_event", "crm_consent"}
    else:
        # Nothing but facts: of people known, forgotten and never heard of.
        house.name([f"C{house.random.randint(0, 60)}" for _ in range(30)])
        return {"pos_line"}
    return {"crm_customer"}


def test_whatever_comes_in_whatever_order_the_dimension_is_what_a_full_build_makes(
    house: House,
) -> None:
    house.name(["C1", "C50", "C51"])
    files = {house.deliver(day(0), extract(house, NUMBERS[:30], "U")): 0}
    house.build()
    version_counts = set()
    for night in range(1, 28):
        house.night(change(house, files, night))
        assert house.differences() == [], f"night {night}"
        assert house.connection.execute(_BROKEN_HISTORY).fetchall() == [], f"night {night}"
        version_counts |= {
            count
            for (count,) in house.connection.execute(
                f"select count(*) from {_DIMENSION} group by customer_id"
            ).fetchall()
        }
    assert max(version_counts) > 2


def test_only_the_customers_that_changed_are_replaced(house: House) -> None:
    house.deliver(day(0), [(record, "U", "young") for record in NUMBERS])
    house.build()
    touched = house.connection.execute(f"select max(rowid) from {_DIMENSION}").fetchall()[0][0]

    house.deliver(day(9), [(record, "U", "young") for record in NUMBERS])
    assert house.night() == set()
    house.deliver(day(5), [(("crm", "C3"), "U", "old"), (("crm", "C4"), "U", "young")])
    assert house.night() == {house.minted("C3")}
    new = house.connection.execute(
        f"select customer_id, count(*) from {_DIMENSION} where rowid > ? group by all", [touched]
    ).fetchall()
    assert new == [(house.minted("C3"), 3)]


def test_what_only_facts_name_comes_and_goes_with_them(house: House) -> None:
    house.deliver(day(0), [(("crm", "C1"), "U", "young")])
    house.build()
    house.name(["C1", "stranger"])
    assert house.night({"pos_line"}) == set()
    inferred = f"select customer_id from {_DIMENSION} where is_inferred"
    assert house.connection.execute(inferred).fetchall() == [(house.minted("stranger"),)]
    house.name([])
    house.night({"pos_line"})
    assert house.connection.execute(inferred).fetchall() == []


def test_an_inferred_customer_becomes_a_known_one_and_back(house: House) -> None:
    house.name(["C1"])
    house.build()
    file_id = house.deliver(day(0), [(("crm", "C1"), "U", "young")])
    assert house.night() == {house.minted("C1")}
    known = f"select age_band, is_inferred from {_DIMENSION} where customer_key > 0"
    assert house.connection.execute(known).fetchall() == [("young", False)]
    house.withdraw(file_id)
    assert house.night() == {house.minted("C1")}
    assert house.connection.execute(known).fetchall() == [(None, True)]


def test_a_change_that_is_not_looked_for_leaves_a_stale_row(house: House) -> None:
    """The test of the test: the comparison with a full build sees what a night left out."""
    house.deliver(day(0), [(("crm", "C1"), "U", "young")])
    house.build()
    house.deliver(day(1), [(("crm", "C1"), "U", "old")])
    house.night({"pos_line"})
    assert {row[0] for row in house.differences()} == {"missing", "stale"}


def test_after_a_bad_night_all_are_compared(house: House) -> None:
    house.deliver(day(0), [(("crm", "C1"), "U", "young"), (("crm", "C2"), "U", "young")])
    house.build()
    house.deliver(day(1), [(("crm", "C1"), "U", "old")])
    write_changed_versions(house.connection, FEEDS)
    house.connection.execute("drop schema history cascade")
    assert house.night() == {house.minted("C1")}
    assert house.differences() == []
