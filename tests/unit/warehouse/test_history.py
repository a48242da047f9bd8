"""Versions of members are compared with those of the warehouse: which dates stand on others now."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.dimensions import DIMENSIONS, HOUSEHOLDS, LINKS, VERSIONED_FACTS
from pipelines.warehouse.history import write_changed_versions

EVER, FOREVER = date(1900, 1, 1), date(9999, 12, 31)
_COLUMNS = """
    valid_from_date date, valid_to_date date, is_current boolean, is_inferred boolean,
    cluster_code text default 'unclustered', product_name text, department_name text,
    category_name text, brand_name text, household_id text, field_sources text,
    loyalty_tier_name text, identity_confidence_code text, has_marketing_consent boolean
    default false, name_token text, postal_region text, postal_area text,
    store_key integer default 1, product_key integer default 1
"""


def day(text: str) -> date:
    """A day of 2026."""
    return date.fromisoformat(f"2026-{text}")


class House:
    """raw.duckdb with versions as they are now, and a warehouse with versions as they were."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def know(self, entity: str, then: dict[str, list[date]], now: dict[str, list[date]]) -> None:
        """Give members versions that begin on these days; the first one holds since ever."""
        views = {d.entity: d.versions for d in DIMENSIONS}
        for table, members in (
            (f"warehouse.core.dim_{entity}", then),
            (f"intermediate.{views[entity]}", now),
        ):
            for member, changes in members.items():
                begins = [EVER, *changes]
                ends = [*(date.fromordinal(d.toordinal() - 1) for d in changes), FOREVER]
                for first, last in zip(begins, ends, strict=True):
                    self.connection.execute(
                        f"insert into {table} ({entity}_id, valid_from_date, valid_to_date, "
                        "is_current, is_inferred) values (?, ?, ?, ?, false)",
                        [member, first, last, last == FOREVER],
                    )

    def group(self, table: str, member: str, column: str, value: str) -> None:
        """Say by what marts group a member."""
        entity = column_entity(column)
        self.connection.execute(
            f"update {table} set {column} = ? where {entity}_id = ?", [value, member]
        )

    def sell(self, dates: list[date], **ids: str) -> None:
        """Add one line of sales a day."""
        for business_date in dates:
            row = {"business_date": business_date, "store_id": "S", "product_id": "P", **ids}
            self.connection.execute(
                f"insert into warehouse.core.fct_sales ({', '.join(row)}) "
                f"values ({', '.join('?' for _ in row)})",
                list(row.values()),
            )

    def changed(self, feeds: set[str] | None = None) -> list[tuple[date, bool]]:
        """Dates to replace, and whether facts are."""
        write_changed_versions(self.connection, feeds)
        return self.connection.execute("from ledger.changed_business_date order by 1").fetchall()


def column_entity(column: str) -> str:
    """The dimension that has the column."""
    entities = {"cluster_code": "store", "household_id": "customer"}
    return entities.get(column, "product")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as connection:
        connection.execute(f"attach '{tmp_path / 'warehouse.duckdb'}' as warehouse")
        connection.execute(
            """
            create schema intermediate;
            create schema ledger;
            create schema identity;
            create schema warehouse.core;
            create table ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table ledger.file_version (feed text, version text);
            create table identity.household (
                customer_id text, household_id text, valid_to_date date
            );
            create table intermediate.int_customer__described (
                customer_id text, household_id text, loyalty_tier_name text,
                identity_confidence_code text, has_marketing_consent boolean, name_token text,
                postal_region text, postal_area text
            );
            create table identity.xref_customer_identity (
                source_system text, source_id text, customer_id text, unlinked_at timestamp
            );
            create table warehouse.core.xref_customer_identity as
                from identity.xref_customer_identity;
            """
        )
        # As a night before left it: the comment is the md5 of no files.
        connection.execute(
            "create schema history; create table history.product_version (product_id text); "
            "comment on table history.product_version is 'd41d8cd98f00b204e9800998ecf8427e'"
        )
        for dimension in DIMENSIONS:
            columns = f"({dimension.entity}_id text, {_COLUMNS})"
            connection.execute(f"create table intermediate.{dimension.versions} {columns}")
            connection.execute(f"create table warehouse.core.dim_{dimension.entity} {columns}")
        for fact, (first, last, entities) in VERSIONED_FACTS.items():
            columns = [f"{name} date" for name in dict.fromkeys((first, last))]
            columns += [f"{entity}_id text" for entity in entities]
            columns += ["customer_ref text"] if fact == "fct_sales" else []
            connection.execute(f"create table warehouse.core.{fact} ({', '.join(columns)})")
        yield House(connection)


def test_a_back_dated_change_touches_just_the_days_of_which_it_speaks(house: House) -> None:
    """The version of 1 May now begins on 1 March: nothing changes before March and after April."""
    house.know("product", {"P": [day("05-01")]}, {"P": [day("03-01"), day("05-01")]})
    days = [day(text) for text in ("02-28", "03-01", "04-30", "05-01", "06-01")]
    house.sell(days)
    house.sell([day("04-15")], product_id="other")
    assert house.changed() == [(day("03-01"), True), (day("04-30"), True)]


def test_a_new_version_of_today_touches_nothing_of_yesterday(house: House) -> None:
    house.know("store", {"S": []}, {"S": [day("03-10")]})
    house.sell([day("03-08"), day("03-09"), day("03-10")])
    assert house.changed() == [(day("03-10"), True)]


def test_a_version_that_is_gone_touches_the_days_it_held(house: House) -> None:
    """And, since no master knows the item any more, marts on all its days."""
    house.know("product", {"P": [day("03-10")]}, {})
    house.sell([day("03-09"), day("03-11")])
    assert house.changed() == [(day("03-09"), False), (day("03-11"), True)]


def test_an_inferred_member_whose_master_comes_keeps_its_key(house: House) -> None:
    house.know("product", {"P": []}, {"P": []})
    house.sell([day("03-09")])
    assert house.changed() == []


def test_a_span_of_days_is_replaced_from_its_first_day_that_changed(house: House) -> None:
    house.know("product", {"P": []}, {"P": [day("03-10")]})
    house.connection.execute(
        "insert into warehouse.core.fct_inventory_snapshot values (?, ?, 'S', 'P')",
        [day("03-02"), day("03-20")],
    )
    assert house.changed() == [(day("03-10"), True)]


@pytest.mark.parametrize(
    ("entity", "column"), [("store", "cluster_code"), ("product", "brand_name")]
)
def test_a_group_that_is_another_today_rebuilds_marts_on_all_days_and_no_fact(
    house: House, entity: str, column: str
) -> None:
    member = {"store": "S", "product": "P"}[entity]
    house.know(entity, {member: []}, {member: []})
    house.sell([day("01-09"), day("03-09")])
    house.group(f"warehouse.core.dim_{entity}", member, column, "was")
    views = {d.entity: d.versions for d in DIMENSIONS}
    house.group(f"intermediate.{views[entity]}", member, column, "is")
    assert house.changed() == [(day("01-09"), False), (day("03-09"), False)]


def test_customers_of_another_household_rebuild_marts_on_all_their_days(house: House) -> None:
    house.know("customer", {"A": [], "B": []}, {})
    house.connection.execute("update warehouse.core.dim_customer set household_id = customer_id")
    house.connection.execute(
        "insert into identity.household values "
        "('A', 'H', '9999-12-31'), ('new', 'H', '9999-12-31'), ('B', 'H', '2024-01-01')"
    )
    house.sell([day("03-09")], customer_id="A")
    house.sell([day("03-10")], customer_id="B")
    assert house.changed({HOUSEHOLDS}) == [(day("03-09"), False)]


@pytest.mark.parametrize(
    ("then", "now", "touched"),
    [
        ([], [("crm", "R", "A")], ["R"]),
        ([("crm", "R", "A")], [], ["R"]),
        ([("crm", "R", "A"), ("crm", "Q", "A")], [("crm", "R", "B"), ("crm", "Q", "A")], ["R"]),
        ([("crm", "R", "A")], [("crm", "R", "A")], []),
    ],
)
def test_a_link_that_is_another_touches_all_days_of_its_reference(
    house: House,
    then: list[tuple[str, str, str]],
    now: list[tuple[str, str, str]],
    touched: list[str],
) -> None:
    days = {"R": day("01-05"), "Q": day("02-05")}
    for reference, business_date in days.items():
        house.sell([business_date], customer_ref=reference)
    for table, links in (("warehouse.core", then), ("identity", now)):
        for link in links:
            house.connection.execute(
                f"insert into {table}.xref_customer_identity values (?, ?, ?, null)", link
            )
    house.connection.execute(
        "insert into identity.xref_customer_identity values ('crm', 'Q', 'old', now())"
    )
    assert house.changed({LINKS}) == [(days[reference], True) for reference in touched]


def test_dimensions_whose_feeds_did_not_change_are_not_compared(house: House) -> None:
    house.know("product", {"P": []}, {"P": [day("03-10")]})
    house.sell([day("03-10")])
    assert house.changed({"store", "pos_line"}) == []
    assert house.changed({"item"}) == [(day("03-10"), True)]
