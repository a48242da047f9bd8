"""Takes a person or rows out of a landed Parquet file: DuckDB finds the rows and writes it anew.

Order, types and compression stay. A column of numbers becomes text where a word has to stand in it;
the loader reads both alike.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.feeds.raw_tables import create_nfkc
from pipelines.feeds.reader import escape_glob
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.text_rules import normalised
from pipelines.privacy.gone import RecordRule
from pipelines.sql import fetch_one, literal, quote


def rewrite_parquet(path: Path, partial: Path, rule: RecordRule) -> bool:
    """Write a file anew; returns whether anything differs.

    Raises:
        duckdb.Error: When it cannot be read.
    """
    source = _source(path)
    with _connected(partial) as connection:
        create_nfkc(connection)
        names = [
            row[0] for row in connection.execute(f"describe select * from {source}").fetchall()
        ]
        names.remove("file_row_number")
        changed = _write_changes(connection, source, names, rule)
        if not changed:
            partial.touch()
            return False
        fields = ", ".join(
            _field(connection, name, place) if name in changed else f"r.{quote(name)}"
            for place, name in enumerate(names)
        )
        _copy(
            connection,
            f"select {fields} from {source} as r left join change using (file_row_number) "
            "order by file_row_number",
            path,
            partial,
        )
    return True


def keep_parquet_rows(path: Path, partial: Path, numbers: Collection[int], count: int) -> None:
    """Write a file anew with some of its rows.

    Args:
        path: The file.
        partial: Where the new one goes.
        numbers: Which rows stay, from 1.
        count: How many rows the file should have.

    Raises:
        FileRefused: When it has another number of rows.
        duckdb.Error: When it cannot be read.
    """
    source = _source(path)
    with _connected(partial) as connection:
        (found,) = fetch_one(connection, f"select count(*) from {source}")
        if found != count:
            raise FileRefused("record count", f"{count} were counted, here are {found}")
        connection.execute(
            "create temp table kept as select unnest($numbers::bigint[]) - 1 as file_row_number",
            {"numbers": sorted(numbers)},
        )
        _copy(
            connection,
            f"select * exclude (file_row_number) from {source} "
            "semi join kept using (file_row_number) order by file_row_number",
            path,
            partial,
        )


def _source(path: Path) -> str:
    return (
        f"read_parquet({literal(escape_glob(path))}, file_row_number = true, "
        "hive_partitioning = false)"
    )


@contextmanager
def _connected(partial: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set temp_directory = {literal(f'{partial}.spill')}")
        yield connection


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, partial: Path) -> None:
    """Write a query's rows with the compression of a file."""
    (codec,) = fetch_one(
        connection,
        f"select any_value(compression) from parquet_metadata({literal(escape_glob(path))})",
    )
    connection.execute(
        f"copy ({query}) to {literal(str(partial))} (format parquet, compression {literal(codec)})"
    )


def _write_changes(
    connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str], rule: RecordRule
) -> set[str]:
    """Fill `change`: of each row that names the person, old and new texts; returns the columns."""
    texts = [f"coalesce(trim(cast({quote(name)} as varchar)), '')" for name in names]
    alike = [
        normalised(text, rule.mapping.normalise.get(rule.mapping.columns.get(name) or "", ()))
        for name, text in zip(names, texts, strict=True)
    ]
    rows = connection.execute(
        f"select file_row_number, [{', '.join(texts)}] from {source} where list_has_any("
        f"[{', '.join(f'lower({text})' for text in alike)}], $gone) order by 1",
        {"gone": sorted(rule.gone.texts)},
    ).fetchall()
    found = [(number, old, rule.new_texts(names, old)) for number, old in rows]
    found = [(number, old, new) for number, old, new in found if new != old]
    connection.execute(
        "create temp table change as select unnest($numbers::bigint[]) as file_row_number, "
        "unnest($old::varchar[][]) as old, unnest($new::varchar[][]) as new",
        {
            "numbers": [number for number, _, _ in found],
            "old": [old for _, old, _ in found],
            "new": [new for _, _, new in found],
        },
    )
    return {
        name
        for _, old, new in found
        for name, before, after in zip(names, old, new, strict=True)
        if before != after
    }


def _field(connection: duckdb.DuckDBPyConnection, name: str, place: int) -> str:
    """SQL of a column with its changes: text where a word is put in, else of the type it has."""
    own, old, new = f"r.{quote(name)}", f"old[{place + 1}]", f"new[{place + 1}]"
    (has_words,) = fetch_one(
        connection, f"select bool_or({new} <> {old} and {new} <> '') from change"
    )
    kept = f"cast({own} as varchar)" if has_words else own
    put = f"nullif({new}, '')" if has_words else "null"
    return f"case when {new} <> {old} then {put} else {kept} end as {quote(name)}"
