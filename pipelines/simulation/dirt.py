"""The dirt of real files: repeated lines, unreadable rows, and a file sent again under a new name.

It is put into finished files, so that the answer key can say exactly what is wrong where.
"""

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy2

import duckdb

LATE_BY_DAYS = 20


@dataclass(frozen=True, kw_only=True)
class FileFault:
    """What was done to one landing file.

    Attributes:
        kind: `repeated_rows`, `bad_rows`, `resent_file`, `repeated_store_day` or `late_file`.
        file: Path below landing/.
        rows: Rows that are repeated, unreadable, sent again or late.
        note: What a reader has to find.
    """

    kind: str
    file: str
    rows: int
    note: str

    def as_dict(self) -> dict[str, object]:
        """As it stands in the answer key."""
        return asdict(self)


def plant(connection: duckdb.DuckDBPyConnection, landing: Path) -> list[FileFault]:
    """Damage some files of a finished landing directory; returns what was done, in order."""
    (first_date,) = connection.execute("select getvariable('first_date')").fetchall()[0]
    days = {name: first_date + timedelta(days=day) for name, day in _DAYS.items()}
    repeated = landing / "till_a" / f"lines_{days['repeated']}.csv"
    bad = landing / "till_b" / f"umsatz_{days['bad']}.csv"
    resent = landing / "till_b" / f"umsatz_{days['resent']}.csv"
    faults = [
        _repeat_rows(repeated, 3, landing),
        _spoil_rows(bad, 2, landing),
        _send_again(resent, landing),
    ]
    return [*faults, *_twice(landing), *_delay(landing)]


_DAYS = {"repeated": 12, "bad": 14, "resent": 15}


def extra_files(faults: list[FileFault]) -> int:
    """Files that the dirt added."""
    return sum(fault.kind == "resent_file" for fault in faults)


def _keep_time(path: Path, content: bytes) -> None:
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _repeat_rows(path: Path, rows: int, landing: Path) -> FileFault:
    lines = path.read_bytes().splitlines(keepends=True)
    _keep_time(path, b"".join([*lines, *lines[1 : rows + 1]]))
    return FileFault(
        kind="repeated_rows",
        file=path.relative_to(landing).as_posix(),
        rows=rows,
        note="the first rows stand in the file twice; the copies are duplicates",
    )


def _spoil_rows(path: Path, rows: int, landing: Path) -> FileFault:
    """Append rows that no contract can take, as from a till whose new release adds a column.

    The new receipt numbers belong to nobody, and their quantity is a word.
    """
    lines = [line.rstrip(b"\r\n") for line in path.read_bytes().splitlines()]
    names = lines[0].split(b";")
    fields = lines[1].split(b";")
    fields[names.index(b"menge")] = b"zwei"
    for number in range(rows):
        fields[names.index(b"bon")] = str(900_000 + number).encode()
        lines.append(b";".join(fields))
    versions = [b"kassenversion", *(b"4.2" for _ in lines[1:])]
    content = b"".join(
        b"%s;%s\n" % (line, version) for line, version in zip(lines, versions, strict=True)
    )
    _keep_time(path, content)
    return FileFault(
        kind="bad_rows",
        file=path.relative_to(landing).as_posix(),
        rows=rows,
        note="quantity is the word zwei: the rows are quarantined, the others load; "
        "the column kassenversion is new and no mapping names it",
    )


def _send_again(path: Path, landing: Path) -> FileFault:
    again = path.with_name(f"{path.stem}_nochmal.csv")
    copy2(path, again)
    return FileFault(
        kind="resent_file",
        file=again.relative_to(landing).as_posix(),
        rows=_rows(path),
        note=f"the same bytes as {path.name}: the whole file is a duplicate",
    )


def _rows(path: Path) -> int:
    return len(path.read_bytes().splitlines()) - 1


def _twice(landing: Path) -> list[FileFault]:
    """The files that repeat a store-day, which the feeds themselves wrote."""
    return [
        FileFault(
            kind="repeated_store_day",
            file=path.relative_to(landing).as_posix(),
            rows=_rows(path),
            note="these rows stand in the day's own file too: all of them are duplicates",
        )
        for path in sorted(landing.rglob("*_again.csv"))
    ]


def _delay(landing: Path) -> list[FileFault]:
    """Give the late store-day's files the time they came at."""
    faults = []
    for path in sorted(landing.rglob("*_late.csv")):
        named = next(part for part in path.stem.split("_") if part[:2] == "20")
        arrived = datetime.fromisoformat(named).replace(tzinfo=UTC) + timedelta(
            days=LATE_BY_DAYS, hours=2
        )
        os.utime(path, (arrived.timestamp(), arrived.timestamp()))
        faults.append(
            FileFault(
                kind="late_file",
                file=path.relative_to(landing).as_posix(),
                rows=_rows(path),
                note=f"dated {named}, arrived {arrived.date()}",
            )
        )
    return faults
