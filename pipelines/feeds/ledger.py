"""The ledger: which files came in, what became of each row, and which days they touch.

Stands in raw.duckdb beside the rows, so that rows and ledger commit in one transaction.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.corrections import exclude_replaced, has_corrections
from pipelines.sql import fetch_one

_TABLES = """
create schema if not exists feeds;
create schema if not exists quarantine;
create schema if not exists ledger;

create table if not exists ledger.file (
    file_id bigint, feed text, mapping text, mapping_version text, file_name text,
    name_values text, sha256 text, size_bytes bigint, modified_ns bigint, status text,
    reason text, warning text, row_count bigint, loaded_count bigint, quarantined_count bigint,
    duplicate_count bigint, first_date date, last_date date, load_id bigint,
    loaded_at timestamptz, superseded_by bigint, delivery text
);
-- A ledger that an earlier release began.
alter table ledger.file add column if not exists delivery text;
create table if not exists ledger.file_date (
    file_id bigint, feed text, business_date date, row_count bigint
);
create table if not exists ledger.excluded_row (
    feed text, file_id bigint, line_number bigint, row_date date, kind text, reason text
);
create table if not exists ledger.changed_business_date (
    business_date date, is_fact_changed boolean
);
create table if not exists quarantine.row (
    file_id bigint, feed text, line_number bigint, reasons text, raw_text text
);
create or replace table ledger.feed (
    feed text, title text, is_required boolean, partition_column text
);
-- Files that tell what changed: what they do not name stands as it was.
create or replace view ledger.delta_file as
select feed, file_id from ledger.file
where status = 'loaded' and delivery = 'delta';
"""

_BUSINESS_DAY = """
create or replace view ledger.business_day as
select
    file_date.business_date,
    md5(
        string_agg(
            file.sha256 || file.name_values || file.mapping_version
            -- Of several corrections the one with the greatest name counts.
            || case when file.delivery = 'delta' then file.file_name else '' end, ','
            order by file.sha256, file.name_values, file.file_name
        )
        || (
            select count(*) > 0 from ledger.file
            where feed = 'promo_coverage' and status = 'loaded'
        )
    ) as source_version
from ledger.file_date
inner join ledger.file using (file_id)
where file.status = 'loaded' and file.feed in ({feeds})
group by file_date.business_date
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing in raw.duckdb: the ledger, quarantine and one table a contract."""
    connection.execute("set timezone = 'UTC'")
    _create_nfkc(connection)
    contracts = load_contracts().values()
    # One transaction: to commit each of some hundred statements takes half a second.
    connection.execute("begin")
    connection.execute(_TABLES)
    for contract in contracts:
        columns = ", ".join(f'"{c.name}" {c.duckdb_type}' for c in contract.columns)
        connection.execute(
            f"create table if not exists {contract.table} "
            f"({columns}, _file_id bigint, _line_number bigint, _loaded_at timestamptz)"
        )
    entries = [(c.feed, c.title, c.required, c.dates[0]) for c in contracts]
    connection.execute(
        "insert into ledger.feed select unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(values) for values in zip(*entries, strict=True)],
    )
    _add_columns(connection, contracts)
    feeds = ", ".join(f"'{c.feed}'" for c in contracts if c.rebuilds_days)
    connection.execute(_BUSINESS_DAY.format(feeds=feeds))
    connection.execute("commit")


def _add_columns(connection: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """Add what a contract has learnt since an earlier release created its table."""
    known = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'feeds'"
        ).fetchall()
    )
    for contract in contracts:
        for column in contract.columns:
            if (contract.feed, column.name) not in known:
                connection.execute(
                    f'alter table {contract.table} add column "{column.name}" {column.duckdb_type}'
                )


def _create_nfkc(connection: duckdb.DuckDBPyConnection) -> None:
    """Unicode's compatibility form as an SQL function: DuckDB has only the canonical one."""
    (known,) = fetch_one(
        connection, "select count(*) from duckdb_functions() where function_name = 'nfkc'"
    )
    if not known:
        connection.create_function("nfkc", _nfkc, ["varchar"], "varchar")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """What the ledger says of a file that stands in the landing directory."""

    file_id: int
    status: str
    sha256: str | None
    size_bytes: int
    modified_ns: int
    mapping_version: str | None


class Content(NamedTuple):
    """What makes two files the same delivery, whatever they are called."""

    feed: str
    sha256: str
    name_values: str
    delivery: str


def known_files(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str | None], KnownFile]:
    """The newest ledger entry of each file name and feed; a stranger has no feed."""
    rows = connection.execute(
        """
        select
            file_name,
            feed,
            arg_max(
                struct_pack(file_id, status, sha256, size_bytes, modified_ns, mapping_version),
                file_id
            )
        from ledger.file
        group by file_name, feed
        """
    ).fetchall()
    return {(name, feed): KnownFile(**entry) for name, feed, entry in rows}


def loaded_contents(connection: duckdb.DuckDBPyConnection) -> dict[Content, str]:
    """Name of a loaded file by what it holds."""
    rows = connection.execute(
        "select feed, sha256, name_values, delivery, min(file_name) "
        "from ledger.file where status = 'loaded' group by all"
    ).fetchall()
    return {Content(*row[:-1]): row[-1] for row in rows}


def next_id(connection: duckdb.DuckDBPyConnection, column: str) -> int:
    """The next number of a counter column of `ledger.file`; a counter cannot jump with a clock."""
    (number,) = fetch_one(connection, f"select coalesce(max({column}), 0) + 1 from ledger.file")
    return int(number)


def insert_files(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[Mapping[str, object]]
) -> None:
    """Add entries to `ledger.file`, all with the same columns; others are NULL."""
    columns = list(entries[0])
    # One statement for all: a statement costs more than the gate of a small file.
    connection.execute(
        f"insert into ledger.file ({', '.join(columns)}) "
        f"select {', '.join('unnest(?)' for _ in columns)}",
        [[entry[column] for entry in entries] for column in columns],
    )


def write_deliveries(connection: duckdb.DuckDBPyConnection, deliveries: dict[str, str]) -> None:
    """Say `full` or `delta`, by name of the mapping, of files that an earlier release loaded.

    A mapping whose delivery was changed since is a new version, and its files load again.
    """
    connection.execute(
        """
        update ledger.file set delivery = said.delivery
        from (select unnest(?) as mapping, unnest(?) as delivery) as said
        where file.mapping = said.mapping and file.delivery is null
        """,
        [list(deliveries), list(deliveries.values())],
    )


def supersede(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file_id: int, by: int
) -> None:
    """Take a file's rows out in favour of a newer file of the same name; the entry stays."""
    connection.execute(f"delete from {contract.table} where _file_id = ?", [file_id])
    for table in ("quarantine.row", "ledger.excluded_row"):
        connection.execute(f"delete from {table} where file_id = ?", [file_id])
    connection.execute(
        "update ledger.file set status = 'superseded', superseded_by = ? where file_id = ?",
        [by, file_id],
    )
    # A copy of the replaced content under another name was skipped as a duplicate: it counts now.
    connection.execute(
        """
        delete from ledger.file as copy
        where copy.status = 'duplicate' and exists (
            select 1 from ledger.file as original
            where original.file_id = ? and original.sha256 = copy.sha256
                and original.name_values = copy.name_values and original.feed = copy.feed
        )
        """,
        [file_id],
    )


def write_file_dates(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file_ids: Iterable[int]
) -> list[date]:
    """Record which dates files touch; returns the dates of their rows, oldest first."""
    ids = list(file_ids)
    first, last = contract.dates[0], contract.dates[-1]
    connection.execute(
        f"""
        insert into ledger.file_date
        select _file_id, ?, cast(unnest(generate_series(first, last, interval 1 day)) as date), n
        from (
            select
                _file_id, cast({first} as date) as first, cast({last} as date) as last,
                count(*) as n
            from {contract.table}
            where _file_id in (select unnest(?))
            group by all
        )
        """,
        [contract.feed, ids],
    )
    connection.execute(
        """
        update ledger.file
        set first_date = spans.first_date, last_date = spans.last_date
        from (
            select
                file_id, min(business_date) as first_date, max(business_date) as last_date
            from ledger.file_date
            where file_id in (select unnest(?))
            group by file_id
        ) as spans
        where file.file_id = spans.file_id
        """,
        [ids],
    )
    rows = connection.execute(
        f"select distinct cast({first} as date) from {contract.table} "
        "where _file_id in (select unnest(?)) order by 1",
        [ids],
    ).fetchall()
    return [row[0] for row in rows]


def exclude_repeats(
    connection: duckdb.DuckDBPyConnection, contract: Contract, dates: Iterable[date]
) -> None:
    """Decide anew which rows of some dates repeat a business key.

    The verdict depends on the rows alone, not on the order in which files came: rows that a
    correction replaces count for nothing; of the others that say the same the one with the smallest
    (sha256, line) counts and the rest are duplicates; rows that say different things of one key are
    all in conflict and none counts.
    """
    connection.execute("create or replace temp table touched (row_date date)")
    connection.execute("insert into touched select distinct unnest(?)", [list(dates)])
    connection.execute(
        "delete from ledger.excluded_row where feed = ? and row_date in (from touched)",
        [contract.feed],
    )
    row_date = f"cast({contract.dates[0]} as date)"
    keys = ", ".join(contract.key)
    within = (
        f"{row_date} in (from touched) and {row_date} "
        "between (select min(row_date) from touched) and (select max(row_date) from touched)"
    )
    if has_corrections(connection, contract):
        within += f" and {exclude_replaced(connection, contract, within)}"
    # A probe over key hashes is several times cheaper than grouping by the keys; repeats are rare.
    connection.execute(
        f"""
        create or replace temp table repeated_key as
        select hash({keys}) as key_hash
        from {contract.table}
        where {within}
        group by {contract.dates[0]}, key_hash
        having count(*) > 1
        """
    )
    (repeated,) = fetch_one(connection, "select count(*) from repeated_key")
    if repeated:
        content = ", ".join(column.name for column in contract.columns)
        connection.execute(
            f"""
            insert into ledger.excluded_row
            select
                '{contract.feed}', file_id, line_number, row_date,
                case when version_count = 1 then 'duplicate' else 'conflict' end,
                case
                    when version_count = 1 then 'repeats ' || first_place
                    else 'says otherwise of the same {keys} than another row, see ' || first_place
                end
            from (
                select
                    rows._file_id as file_id,
                    rows._line_number as line_number,
                    {row_date} as row_date,
                    count(distinct hash({content})) over by_key as version_count,
                    row_number() over by_place as place_number,
                    first_value(_file_name || ' line ' || rows._line_number)
                        over by_place as first_place
                from {contract.table} as rows
                inner join (
                    -- The names of a contract's columns are its own: none may mean the ledger's.
                    select file_id as _entry_id, file_name as _file_name, sha256 as _sha256
                    from ledger.file
                ) on rows._file_id = _entry_id
                where {within} and hash({keys}) in (select key_hash from repeated_key)
                window
                    by_key as (partition by {keys}),
                    by_place as (partition by {keys} order by _sha256, rows._line_number)
            )
            where version_count > 1 or place_number > 1
            """
        )
    _count_rows(connection, contract)


def _count_rows(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Make `rows = loaded + quarantined + duplicate` true for each file of the touched dates."""
    connection.execute(
        """
        update ledger.file
        set
            quarantined_count = counts.quarantined + counts.conflicting,
            duplicate_count = counts.repeated,
            loaded_count = file.row_count
                - counts.quarantined - counts.conflicting - counts.repeated
        from (
            select
                files.file_id,
                (select count(*) from quarantine.row as q where q.file_id = files.file_id)
                    as quarantined,
                count(excluded.file_id) filter (excluded.kind = 'conflict') as conflicting,
                count(excluded.file_id) filter (excluded.kind in ('duplicate', 'replaced'))
                    as repeated
            from ledger.file as files
            left join ledger.excluded_row as excluded on files.file_id = excluded.file_id
            where files.feed = ? and files.status = 'loaded' and (
                files.row_count is distinct from files.loaded_count
                or files.file_id in (select file_id from ledger.excluded_row)
            )
            group by files.file_id
        ) as counts
        where file.file_id = counts.file_id
        """,
        [contract.feed],
    )
