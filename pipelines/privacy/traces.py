"""Where a person can still be found: in every table and in every file of the house.

The answer names places and counts, and shows nothing of the person.
"""

import gzip
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.reader import escape_glob
from pipelines.privacy import held
from pipelines.privacy.gone import Gone
from pipelines.privacy.landed import (
    CANNOT_BE_READ,
    FilesUnreadable,
    rewritten_files,
)
from pipelines.privacy.landed_text import GZIP_MAGIC, ZIP_MAGIC
from pipelines.privacy.person import Person
from pipelines.privacy.whole_words import holds_any, whole_words
from pipelines.settings import Settings
from pipelines.sql import fetch_one, literal, quote


def find_traces(settings: Settings, person: Person, gone: Gone, *, plan: Path) -> list[str]:
    """Look for a person everywhere.

    Args:
        settings: The house.
        person: Who.
        gone: The same, as files name them.
        plan: The plan of the erasure, which names the person and is removed after this.

    Returns:
        Each place with what was found there; nothing where nothing was.
    """
    found = [f"raw.duckdb: {trace}" for trace in _in_database(settings.raw_database, person)]
    databases = [settings.warehouse_database, *sorted(settings.published.rglob("*.duckdb"))]
    for path in databases:
        if path.exists():
            place = path.relative_to(settings.home)
            found += [f"{place}: {trace}" for trace in _in_database(path, person)]
    found += _in_landed_files(settings, gone)
    known = {settings.raw_database, plan, *databases}
    for path in sorted(settings.home.rglob("*")):
        if path.is_symlink() or not path.is_file() or path in known:
            continue
        place = path.relative_to(settings.home)
        if person.contacts and _holds(path, person.contacts):
            found.append(f"{place}: a mail address or phone number")
        if path.suffix == ".parquet":
            found += [f"{place}: {trace}" for trace in _in_parquet(path, person, settings)]
    return found


def _in_landed_files(settings: Settings, gone: Gone) -> list[str]:
    """Landed files that would be written anew once more, and those that nobody can look into."""
    found = []
    try:
        for file in rewritten_files(settings.landing, load_mappings(settings.mappings), gone):
            file.partial.unlink()
            found.append(f"landing/{file.name}: a record")
    except FilesUnreadable as error:
        found += [
            f"landing/{name}: cannot be read ({reason}); send it again without the person, or "
            "remove it"
            for name, reason in error.reasons.items()
        ]
    return found


def _holds(path: Path, contacts: Sequence[str]) -> bool:
    """Whether any of the contacts stands in a file, packed or not."""
    texts = [contact.lower().encode() for contact in contacts]
    shape = re.compile(whole_words(contacts).pattern.encode())
    try:
        return any(
            # To look for a plain text costs a hundredth of what the pattern does.
            any(text in content for text in texts) and bool(shape.search(content))
            for content in _contents(path)
        )
    except CANNOT_BE_READ:
        # What is damaged was looked through as far as it goes, and is named where it is landed.
        return False


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file in small letters, and what is packed in them."""
    content = path.read_bytes()
    yield content.lower()
    if content.startswith(GZIP_MAGIC):
        yield gzip.decompress(content).lower()
    elif content.startswith(ZIP_MAGIC):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).lower()


def _in_parquet(path: Path, person: Person, settings: Settings) -> list[str]:
    """What is found in a Parquet file, of which each may be a part of a table of the house.

    Spark's tables are such files, and so is what Spark reads of raw.duckdb. Columns of a landed
    file are its sender's.
    """
    with duckdb.connect() as connection:
        held.prepare(connection, person)
        relation = f"read_parquet({literal(escape_glob(path))})"
        try:
            described = connection.execute(f"describe from {relation}").fetchall()
        except duckdb.Error:
            # What is damaged cannot be told apart; it is named where it is landed.
            return []
        is_landed = path.is_relative_to(settings.landing)
        columns = [] if is_landed else [row[0] for row in described]
        table = path.parent
        contract = load_contracts().get(table.name) if table.parent.name == "feeds" else None
        return _found(connection, relation, _conditions(contract, columns, person.contacts))


def _in_database(database: Path, person: Person) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        held.prepare(connection, person)
        found = []
        for table, columns in _tables(connection).items():
            schema, name = table.split(".")
            contract = load_contracts().get(name) if schema == "feeds" else None
            conditions = _conditions(contract, columns, person.contacts)
            relation = f"{quote(schema)}.{quote(name)}"
            found += [f"{table}: {t}" for t in _found(connection, relation, conditions)]
        return found


def _found(
    connection: duckdb.DuckDBPyConnection, relation: str, conditions: Iterable[tuple[str, str]]
) -> list[str]:
    """What is found in a relation, in words and with its count of rows."""
    found = []
    for words, condition in conditions:
        (count,) = fetch_one(connection, f"select count(*) from {relation} as t where {condition}")
        if count:
            found.append(f"{words} in {count:,} row(s)")
    return found


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "inner join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = current_database() group by all order by 1"
    ).fetchall()
    return {table: set(columns) for table, columns in rows}


def _conditions(
    contract: Contract | None, columns: Collection[str], contacts: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What would be a trace in a table, in words and as SQL over what `held.prepare` wrote.

    Args:
        contract: Of the feed whose rows the table has, if it has one's.
        columns: Of the table.
        contacts: Mail addresses and phone numbers of the person.
    """
    number = next((c for c in ("source_id", "source_customer_ref") if c in columns), None)
    named = [column for column in held.NAMED_IN_WAREHOUSE if column in columns]
    if contract:
        named = [column.name for column in contract.customer_columns]
    if contract and contract.record_column:
        number, named = contract.record_column.name, []
    if number and "source_system" in columns:
        yield "a record", f"(source_system, {number}) in (from own_record)"
    for side in ("left", "right"):
        if f"{side}_system" in columns:
            yield "a decision", f"({side}_system, {side}_id) in (from own_record)"
    for column in named:
        yield column, f"{quote(column)} in (from own_number)"
    if "household_id" in columns:
        yield "household_id", "household_id in (from own_household)"
    if "customers" in columns:
        yield "customers", "list_has_any(customers, (select list(number) from own_number))"
    for card in contract.card_columns if contract else ():
        yield card.name, f"{quote(card.name)} in (from own_card)"
    if contacts:
        yield (
            "a mail address or phone number",
            holds_any("lower(cast(t as varchar))", contacts),
        )
