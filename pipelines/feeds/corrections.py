"""Corrections: files that hold changed receipts only, and the rows that they replace.

A file whose mapping says `delivery: delta` corrects a feed whose contract says `corrected_by`.
"""

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.sql import fetch_one, literal


def has_corrections(connection: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    """Whether a correction of the feed is loaded: where none is, nothing needs to be looked up."""
    if not contract.corrected_by:
        return False
    (count,) = fetch_one(
        connection,
        "select count(*) from ledger.delta_file where feed = ?",
        [contract.feed],
    )
    return bool(count)


def exclude_replaced(connection: duckdb.DuckDBPyConnection, contract: Contract, within: str) -> str:
    """Exclude the rows whose `corrected_by` columns stand in a correction too.

    Of several corrections the one with the greatest file name counts, in whatever order they came.

    Args:
        connection: A writing connection on raw.duckdb.
        contract: A contract with `corrected_by`.
        within: SQL condition on the dates to look at; their verdicts are taken out already.

    Returns:
        SQL condition that keeps the rows which no correction replaces.
    """
    grain = ", ".join(contract.corrected_by)
    connection.execute(
        f"""
        insert into ledger.excluded_row
        select
            {literal(contract.feed)}, rows._file_id, rows._line_number,
            cast(rows.{contract.dates[0]} as date), 'replaced',
            'replaced by the correction ' || corrected._file_name
        from {contract.table} as rows
        inner join (
            select
                {grain},
                max(_file_name) as _file_name,
                arg_max(_entry_id, _file_name) as _entry_id
            from {contract.table}
            inner join (
                select file_id as _entry_id, file_name as _file_name
                from ledger.file
                inner join ledger.delta_file using (file_id)
                where delta_file.feed = {literal(contract.feed)}
            ) on _file_id = _entry_id
            where {within}
            group by {grain}
        ) as corrected using ({grain})
        where {within} and rows._file_id <> corrected._entry_id
        """
    )
    return (
        "(_file_id, _line_number) not in (select (file_id, line_number) from ledger.excluded_row "
        f"where feed = {literal(contract.feed)} and kind = 'replaced')"
    )
