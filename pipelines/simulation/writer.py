"""Writes feeds as files, each the way its own mapping says: the loader reads by the same mapping.

A feed is a query in `feeds/` and a mapping of the same name in `mappings/`. The query gives
`_date`, which goes into the file's name, optionally `_part`, a suffix of the name, and the file's
own columns in their order with their natural types; delimiter, decimal separator, dates and
encoding follow from the mapping.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import duckdb

from pipelines.feeds.mapping import PLACEHOLDER, Mapping, load_mappings
from pipelines.simulation.scale import Scale
from pipelines.sql import literal, quote

FEEDS = Path(__file__).parent / "feeds"
MAPPINGS = Path(__file__).parent / "mappings"

HEAVY = (
    "till_a_lines",
    "till_b_lines",
    "till_a_receipts",
    "till_b_receipts",
    "till_a_tenders",
    "till_b_tenders",
    "till_a_discounts",
    "till_b_discounts",
    "stock_full",
    "stock_delta",
    "stock_movements",
    "loyalty",
)
"""Mappings whose feeds are written week by week at large scale, so that memory stays flat."""

WEEKS_A_CHUNK = 4

_ONE_COLUMN = "format csv, header false, delimiter '\x01', quote '', escape ''"


@dataclass(frozen=True, kw_only=True)
class Job:
    """Business dates of one feed to write.

    Attributes:
        name: Of mapping and query.
        first: First day, counted from the window's first date.
        last: Last day; the big feeds' queries ask for both by `is_wanted`.
    """

    name: str
    first: int = -1000
    last: int = 1000


def jobs_of(scale: Scale) -> list[Job]:
    """What is to be written, heaviest first."""
    jobs = []
    for name in HEAVY:
        if not scale.heavy:
            jobs.append(Job(name=name))
            continue
        chunk = 7 * WEEKS_A_CHUNK
        jobs.extend(
            Job(name=name, first=day, last=day + chunk - 1) for day in range(-1, scale.days, chunk)
        )
    others = sorted({path.stem for path in FEEDS.glob("*.sql")} - set(HEAVY))
    return [*jobs, *(Job(name=name) for name in others)]


def simulated_mappings() -> dict[str, Mapping]:
    """The mappings of the simulated retailer, by name."""
    return {mapping.name: mapping for mapping in load_mappings(MAPPINGS)}


def write_feed(
    connection: duckdb.DuckDBPyConnection, job: Job, mapping: Mapping, landing: Path
) -> int:
    """Write the files of one job; returns how many.

    The connection has one thread, so that the order of rows, and with it every byte, is fixed.
    """
    query = (FEEDS / f"{job.name}.sql").read_text(encoding="utf-8")
    connection.execute("set variable wanted_first = $1", [job.first])
    connection.execute("set variable wanted_last = $1", [job.last])
    columns = {
        str(name): str(kind)
        for name, kind, *_ in connection.execute(f"describe {query}").fetchall()
    }
    folders = ", ".join(name for name in columns if name.startswith("_"))
    own = {name: kind for name, kind in columns.items() if not name.startswith("_")}
    written = ", ".join(f"{_written(n, kind, mapping)} as {quote(n)}" for n, kind in own.items())
    order = ", ".join(quote(name) for name in _key(mapping, list(own)))
    ordered = f"select {folders}, {written} from ({query}) order by {folders}, {order}"
    options = "format csv, header true, delimiter " + literal(mapping.delimiter)
    if mapping.format == "parquet":
        options = "format parquet, compression zstd"
    elif mapping.format == "jsonl":
        fields = ", ".join(f"{literal(n)}: {quote(n)}" for n in own)
        ordered = f"select {folders}, to_json({{{fields}}}) as _line from ({ordered})"
        options = _ONE_COLUMN
    elif mapping.files.endswith(".gz"):
        options += ", compression gzip"
    scratch = landing / f".{job.name}_{job.first}"
    connection.execute(
        f"copy ({ordered}) to {literal(str(scratch))} "
        f"({options}, partition_by ({folders}), write_partition_columns false)"
    )
    count = 0
    for source, target in _renamed(scratch, mapping, landing):
        target.parent.mkdir(parents=True, exist_ok=True)
        if mapping.encoding == "utf-8":
            source.replace(target)
        else:
            target.write_bytes(source.read_text(encoding="utf-8").encode(mapping.encoding))
        count += 1
    rmtree(scratch, ignore_errors=True)
    return count


def _renamed(scratch: Path, mapping: Mapping, landing: Path) -> Iterator[tuple[Path, Path]]:
    """Each partition's file with the name that the mapping's pattern gives it."""
    for source in sorted(path for path in scratch.rglob("*") if path.is_file()):
        folders = [folder.partition("=")[2] for folder in source.relative_to(scratch).parts[:-1]]
        date_text, part = folders if len(folders) == 2 else (folders[0], "")
        dated = PLACEHOLDER.sub(date_text, mapping.files)
        file_name = dated.replace("*", part if mapping.placeholders else date_text)
        yield source, landing / file_name


def _key(mapping: Mapping, own: list[str]) -> list[str]:
    """The file's own columns in the order of the contract's key, then the rest: a total order."""
    key = mapping.contract().key
    named = {name: column for column, name in mapping.mapped.items()}
    first = [named[name] for name in key if name in named]
    return [*first, *(name for name in own if name not in first)]


def _written(name: str, kind: str, mapping: Mapping) -> str:
    """A column as the mapping's text; Parquet and JSON keep numbers and flags as they are."""
    column = quote(name)
    if mapping.format == "parquet":
        return f"timezone('UTC', {column})" if kind == "TIMESTAMP" else column
    if kind == "TIMESTAMP":
        if mapping.timestamp_format == "iso":
            return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"
        zone = literal(mapping.time_zone)
        local = f"timezone({zone}, timezone('UTC', {column}))"
        return f"strftime({local}, {literal(mapping.timestamp_format)})"
    if kind == "DATE":
        return f"strftime({column}, {literal(mapping.date_format)})"
    if re.match("DECIMAL", kind) and mapping.decimal_separator != ".":
        return f"replace(cast({column} as varchar), '.', {literal(mapping.decimal_separator)})"
    return column


def set_arrival_times(landing: Path) -> None:
    """Give each file the moment it arrived: two in the night after the date in its name.

    A late file's name does not tell; `dirt` sets its time after this.
    """
    for path in landing.rglob("*"):
        found = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
        if path.is_file() and found:
            arrived = datetime.fromisoformat(found[0]).replace(tzinfo=UTC) + timedelta(hours=26)
            os.utime(path, (arrived.timestamp(), arrived.timestamp()))
