"""A shop whose deliveries are loaded into one raw database that is emptied between examples."""

import os
import shutil
from collections import Counter

import duckdb
from hypothesis import HealthCheck

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables

EXAMPLES = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def examples(usual):
    """Settings for a property: `TILLHOUSE_EXAMPLES=100` tries a hundred times as many examples."""
    return {**EXAMPLES, "max_examples": usual * int(os.environ.get("TILLHOUSE_EXAMPLES", "1"))}


class Shop:
    """A landing directory, the mappings of its files, and what became of them."""

    def __init__(self, house):
        self.house = house
        self.connection = duckdb.connect()
        self.mappings = load_mappings(house.mappings)
        create_tables(self.connection)

    def empty(self):
        for table in ("ledger.file", "ledger.file_date", "ledger.excluded_row", "quarantine.row",
                      "feeds.pos_line"):  # fmt: skip
            self.connection.execute(f"delete from {table}")
        shutil.rmtree(self.house.landing)
        self.house.landing.mkdir()

    def deliver(self, name, content):
        path = self.house.landing / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def load(self):
        return load_landed_files(
            self.connection,
            landing=self.house.landing,
            mappings=self.mappings,
            work=self.house.work,
            on_progress=lambda _: None,
        )

    def counted_rows(self):
        names = ", ".join(column.name for column in load_contracts()["pos_line"].columns)
        return Counter(
            self.connection.execute(
                f"""
                select {names} from feeds.pos_line
                where (_file_id, _line_number) not in (
                    select (file_id, line_number) from ledger.excluded_row
                )
                """
            ).fetchall()
        )

    def rows_of(self, name, columns):
        """The rows that a file brought, repeated ones too, and its counts in the ledger."""
        found = self.connection.execute(
            """
            select file_id, [row_count, loaded_count, quarantined_count, duplicate_count]
            from ledger.file where file_name = ? and status in ('loaded', 'duplicate')
            """,
            [name],
        ).fetchone()
        file_id, counts = found or (0, [])
        rows = self.connection.execute(
            f"select {', '.join(columns)} from feeds.pos_line where _file_id = ?", [file_id]
        ).fetchall()
        return Counter(rows), counts

    def totals(self):
        return self.connection.execute(
            """
            select sum(row_count) filter (status = 'loaded'), sum(loaded_count),
                sum(quarantined_count)
            from ledger.file where status = 'loaded'
            """
        ).fetchall()

    def is_even(self):
        """Whether the three counts of each loaded file add up to its rows."""
        return not self.connection.execute(
            """
            select file_name from ledger.file
            where status = 'loaded' and row_count
                is distinct from loaded_count + quarantined_count + duplicate_count
            """
        ).fetchall()
