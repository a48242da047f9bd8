"""Puts the rows of sound files into `feeds` and quarantine: many files at once, or one with care.

What does not belong here: which files to take, transactions, and the ledger (`loader`).
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.feeds.file_gate import SoundFile
from pipelines.feeds.landing import LandedFile
from pipelines.feeds.line_shape import proven_types
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parsed import ParsedColumn, text_of, value_of
from pipelines.feeds.parsing import parse_columns
from pipelines.feeds.reader import Relation, relation_of
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.text_rules import masked
from pipelines.sql import literal, one_thread, quote


@dataclass(frozen=True, kw_only=True)
class ReadyFile:
    """A sound file on its way into the ledger."""

    landed: LandedFile
    sound: SoundFile
    mapping: Mapping
    file_id: int
    record_count: int
    warning: str | None = None
    is_proven: bool = True

    @property
    def name_values(self) -> str:
        """What the file's name says, as one text: equal bytes under it are equal rows."""
        return "&".join(f"{k}={v}" for k, v in sorted(self.landed.name_values.items()))


def load_at_once(
    connection: duckdb.DuckDBPyConnection, batch: list[ReadyFile], loaded_at: datetime
) -> bool:
    """Insert the rows of files of one shape; False when any record is missing then.

    Raises:
        duckdb.Error: When a row is not sound, or a file cannot be read.
    """
    mapping, header = batch[0].mapping, batch[0].sound.header
    contract = mapping.contract()
    paths = [ready.sound.path for ready in batch]
    types = proven_types(connection, mapping, paths, header)
    relation = relation_of(connection, mapping, paths, header, types)
    columns = parse_columns(contract, mapping, relation.columns, proven=types)
    _write_batch_files(connection, batch, restarts=relation.numbers_restart)
    insert = _insert_sql(contract, columns, f"({relation.sql})", skip=False)
    with _threads_for(connection, relation):
        connection.execute(insert, [loaded_at])
    rows = connection.execute(
        f"select _file_id, count(*) from {contract.table} where _file_id >= ? group by 1",
        [batch[0].file_id],
    ).fetchall()
    return dict(rows) == {r.file_id: r.record_count for r in batch if r.record_count}


def load_with_care(
    connection: duckdb.DuckDBPyConnection, batch: list[ReadyFile], loaded_at: datetime
) -> dict[int, FileRefused]:
    """Files of one shape, row by row verdict: sound rows to `feeds`, others to quarantine.

    Returns:
        By file id, the files whose loaded and quarantined rows do not add up to their records;
        none of their rows stay.

    Raises:
        duckdb.Error: When a file cannot be read.
    """
    shape = batch[0]
    mapping, contract = shape.mapping, shape.mapping.contract()
    connection.execute("drop table if exists reject_errors")
    connection.execute("drop table if exists reject_scans")
    paths = [ready.sound.path for ready in batch]
    relation = relation_of(connection, mapping, paths, shape.sound.header)
    with _threads_for(connection, relation):
        connection.execute(f"create or replace temp table delivered_row as {relation.sql}")
    _write_batch_files(connection, batch, restarts=True)
    columns = parse_columns(contract, mapping, relation.columns)
    _quarantine_rejects(connection, mapping)
    connection.execute(_insert_sql(contract, columns, _DELIVERED, skip=True), [loaded_at])
    connection.execute(_quarantine_sql(contract, mapping, columns, relation, _DELIVERED))
    return _refuse_short_files(connection, contract, batch)


def _threads_for(
    connection: duckdb.DuckDBPyConnection, relation: Relation
) -> AbstractContextManager[None]:
    """Numbering records from file to file is work for one thread; Parquet numbers its own."""
    return nullcontext() if relation.numbers_restart else one_thread(connection)


_DELIVERED = """(
    select
        delivered_row.* exclude (_record),
        delivered_row._record - delivered_before.record_count
            + coalesce(rejected_before.rejected_count, 0) as _record
    from delivered_row
    inner join delivered_before on delivered_row._path = delivered_before._path
    asof left join rejected_before
        on
            delivered_row._path = rejected_before._path
            and delivered_row._record - delivered_before.record_count
            > rejected_before.accepted_count
)"""
"""Delivered rows with their record number in the file: DuckDB numbers what it could split, from
file to file, so the records of files before are taken off and the rejected ones before are added.
"""


def _refuse_short_files(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: list[ReadyFile]
) -> dict[int, FileRefused]:
    first = batch[0].file_id
    rows = connection.execute(
        f"""
        select file_id, sum(row_count) from (
            select _file_id as file_id, count(*) as row_count from {contract.table}
            where _file_id >= ? group by 1
            union all
            select file_id, count(*) from quarantine.row where file_id >= ? group by 1
        ) group by 1
        """,
        [first, first],
    ).fetchall()
    found = dict(rows)
    refused = {}
    for ready in batch:
        count = int(found.get(ready.file_id, 0))
        if count != ready.record_count:
            refused[ready.file_id] = FileRefused(
                "record count",
                f"the file holds {ready.record_count} records, but {count} could be read: "
                "a quote or a line end is out of place",
            )
            take_back(connection, contract, ready)
    return refused


def take_back(connection: duckdb.DuckDBPyConnection, contract: Contract, ready: ReadyFile) -> None:
    """Remove the rows of a file that is refused after all."""
    connection.execute(f"delete from {contract.table} where _file_id = ?", [ready.file_id])
    connection.execute("delete from quarantine.row where file_id = ?", [ready.file_id])


def _write_batch_files(
    connection: duckdb.DuckDBPyConnection, batch: list[ReadyFile], *, restarts: bool
) -> None:
    """Temp table `batch_file`: path, file id, what to add to a record number, name values.

    Args:
        connection: Where the table is written.
        batch: The files, in the order in which they are read.
        restarts: Whether record numbers begin anew in each file.
    """
    names = list(batch[0].landed.name_values)
    columns = "".join(f", {quote('_name_' + name)} varchar" for name in names)
    connection.execute(
        "create or replace temp table batch_file "
        f"(path varchar, file_id bigint, line_offset bigint{columns})"
    )
    header_lines = 1 if batch[0].mapping.format == "csv" else 0
    counts = [0 if restarts else ready.record_count for ready in batch]
    values = [
        [str(ready.sound.path) for ready in batch],
        [ready.file_id for ready in batch],
        [header_lines - before for before in accumulate(counts[:-1], initial=0)],
        *([ready.landed.name_values[name] for ready in batch] for name in names),
    ]
    connection.execute(
        f"insert into batch_file select {', '.join('unnest(?)' for _ in values)}", values
    )


def _parsed_sql(columns: list[ParsedColumn], source: str) -> str:
    """Texts, then values, then what follows from values: each step reads the one before."""
    texts = ", ".join(f"{c.text} as {text_of(c.name)}" for c in columns)
    values = ", ".join(f"{c.value} as {value_of(c.name)}" for c in columns if c.value is not None)
    derived = "".join(f", {c.derived} as {value_of(c.name)}" for c in columns if c.derived)
    return f"""
        select *{derived} from (
            select *, {values} from (
                select delivered.*, batch_file.* exclude (path), {texts}
                from {source} as delivered
                inner join batch_file on delivered._path = batch_file.path
            )
        )"""


def _insert_sql(contract: Contract, columns: list[ParsedColumn], source: str, *, skip: bool) -> str:
    """Insert the sound rows; `skip` leaves the others out, else the first of them is an error.

    Without a filter every step of the parse runs once; a filter would be pushed down to the file
    and compute them all a second time.
    """
    names = ", ".join(quote(column.name) for column in columns)
    values = ", ".join(column.kept or value_of(column.name) for column in columns)
    sound = _all_sound(contract, columns)
    line = "_record + line_offset"
    number = line if skip else f"case when {sound} then {line} else error('a row is not sound') end"
    where = f"where {sound}" if skip else ""
    return f"""
        insert into {contract.table} ({names}, _file_id, _line_number, _loaded_at)
        select {values}, file_id, {number}, ?
        from ({_parsed_sql(columns, source)})
        {where}"""


def _all_sound(contract: Contract, columns: list[ParsedColumn]) -> str:
    sound = [column.is_sound for column in columns if column.is_sound != "true"]
    if len(contract.dates) == 2:
        sound.append(f"coalesce({_span_is_sound(contract)}, false)")
    return " and ".join(sound) or "true"


def _span_is_sound(contract: Contract) -> str:
    """A row that spans days must end after it begins, within two years."""
    first, last = (value_of(name) for name in contract.dates)
    return f"{last} - {first} between 0 and 731"


def _quarantine_rejects(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Records with too many or too few fields, as DuckDB's CSV reader rejected them.

    Also writes `delivered_before` (records of the files before, by file) and `rejected_before`
    (by file and number of accepted records: how many were rejected up to there).
    """
    restarts = mapping.format == "parquet"
    connection.execute(
        f"""
        create or replace temp table delivered_before as
        select _path, {"0" if restarts else "min(_record) - 1"} as record_count
        from delivered_row group by 1
        """
    )
    connection.execute(
        """
        create or replace temp table rejected (
            _path varchar, line bigint, csv_line varchar, message varchar, place bigint
        )
        """
    )
    if mapping.format == "csv":
        connection.execute(
            """
            insert into rejected
            select
                file_path, line, any_value(csv_line), min(error_message),
                row_number() over (partition by file_path order by line)
            from reject_errors
            inner join reject_scans using (scan_id, file_id)
            group by file_path, line
            """
        )
    connection.execute(
        """
        create or replace temp table rejected_before as
        select _path, line - place - 1 as accepted_count, max(place) as rejected_count
        from rejected group by all
        """
    )
    connection.execute(
        f"""
        insert into quarantine.row
        select
            batch_file.file_id, ?, line,
            'record: ' || split_part(message, chr(10), 1), {masked("csv_line")}
        from rejected
        inner join batch_file on rejected._path = batch_file.path
        """,
        [mapping.feed],
    )


def _quarantine_sql(
    contract: Contract,
    mapping: Mapping,
    columns: list[ParsedColumn],
    relation: Relation,
    source: str,
) -> str:
    reasons = ", ".join(column.reason for column in columns)
    span = "null"
    if len(contract.dates) == 2:
        first, last = contract.dates
        words = literal(f"{last}: is before {first}, or more than two years after it")
        span = f"case when not {_span_is_sound(contract)} then {words} end"
    fields = ", ".join(f"coalesce(cast({quote(own)} as varchar), '')" for own in relation.columns)
    raw_text = f"concat_ws({literal(mapping.delimiter)}, {fields})"
    broken = "null"
    if relation.has_lines:
        raw_text = f"if(_is_record, {raw_text}, _line)"
        broken = "if(_is_record, null, 'record: is no JSON object that gives each name once')"
    return f"""
        insert into quarantine.row
        select
            file_id, '{contract.feed}', _record + line_offset,
            {masked("reasons")}, {masked("raw_text")}
        from (
            select
                file_id, _record, line_offset,
                concat_ws('; ', {broken}, {reasons}, {span}) as reasons,
                {raw_text} as raw_text
            from ({_parsed_sql(columns, source)})
            where not ({_all_sound(contract, columns)})
        )"""
