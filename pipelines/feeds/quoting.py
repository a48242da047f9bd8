"""A second count of records, where a quote stands elsewhere than at the border of a field.

Such a quote begins a quoted field for one reader and is a letter for another. Of several files read
together DuckDB drops the end of one whose last quote is open, so that its count of records and the
gate's may agree by chance.
"""

import csv
import gzip
from pathlib import Path

from pipelines.feeds.refusal import FileRefused


def hold_quoting(path: Path, delimiter: str, record_count: int) -> None:
    """Count the records of a sound CSV file by the rules of Python's csv module.

    Args:
        path: The UTF-8 file, as it is or in gzip.
        delimiter: What parts its fields.
        record_count: Data records, without the header, as they were counted before.

    Raises:
        FileRefused: When the counts differ, or a quoted field is never closed.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        try:
            found = sum(1 for _ in csv.reader(file, delimiter=delimiter)) - 1
        except csv.Error as error:
            raise FileRefused("quotes", f"a quote is out of place: {error}") from error
    if found != record_count:
        raise FileRefused(
            "quotes",
            f"a quote is out of place: by where one reader sees fields end there are "
            f"{record_count} records, by another {found}",
        )
