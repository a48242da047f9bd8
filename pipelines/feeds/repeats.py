"""Which rows count: of rows that say the same one, of rows that contradict each other none."""

from collections.abc import Iterable
from datetime import date

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.feeds.corrections import exclude_replaced, has_corrections
from pipelines.sql import fetch_one


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
    _find_repeated_keys(connection, contract, within)
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


def _find_repeated_keys(
    connection: duckdb.DuckDBPyConnection, contract: Contract, within: str
) -> None:
    """Temp table `repeated_key`: hashes among which are those of all keys of more than one row.

    A probe over key hashes is several times cheaper than grouping by the keys; repeats are rare.
    Where the last key column numbers the rows of the others, as the lines of a receipt, each number
    is one of 64 bits: a receipt with as many bits as rows repeats none. That is cheaper again, and
    leaves few receipts to probe.
    """
    *group, number = contract.key
    if group and contract.column(number).type == "integer":
        group_hash = f"hash({', '.join(group)})"
        connection.execute(
            f"""
            create or replace temp table doubtful_group as
            select {group_hash} as group_hash
            from {contract.table}
            where {within}
            group by group_hash
            having bit_count(bit_or(1::ubigint << cast({number} & 63 as ubigint))) < count(*)
            """
        )
        within += f" and {group_hash} in (from doubtful_group)"
    connection.execute(
        f"""
        create or replace temp table repeated_key as
        select hash({", ".join(contract.key)}) as key_hash
        from {contract.table}
        where {within}
        group by {contract.dates[0]}, key_hash
        having count(*) > 1
        """
    )


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
