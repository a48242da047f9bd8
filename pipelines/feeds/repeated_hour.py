"""The hour that the clocks show twice in autumn: told apart by the order of a till's receipts.

A moment that is written without an offset in that hour is read as standard time, the second pass.
Where the clock of a till steps back from one receipt number to the next, the receipts before the
step belong to the first pass, an hour earlier. The business date is the same in both.
"""

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.feeds.insertion import ReadyFile
from pipelines.sql import literal, quote

RECEIPT = ("store_id", "workstation_id", "business_date", "transaction_seq")


def settle_repeated_hour(connection: duckdb.DuckDBPyConnection, ready: ReadyFile) -> None:
    """Move the moments of the first pass in a file's rows to where they belong."""
    contract, mapping = ready.mapping.contract(), ready.mapping
    has_receipts = set(RECEIPT) <= set(contract.key)
    if mapping.time_zone == "UTC" or "%z" in mapping.timestamp_format or not has_receipts:
        return
    for name in mapping.mapped.values():
        if contract.column(name).type == "timestamp":
            connection.execute(
                _settle_sql(contract, name, mapping.time_zone), {"file_id": ready.file_id}
            )


def _settle_sql(contract: Contract, name: str, time_zone: str) -> str:
    zone, moment = literal(time_zone), quote(name)
    receipt = ", ".join(RECEIPT)
    till = ", ".join(RECEIPT[:-1])
    return f"""
        with repeated as (
            select {receipt}, max({moment}) as moment
            from {contract.table}
            where _file_id = $file_id
                and timezone({zone}, timezone('UTC', {moment}))
                    = timezone({zone}, timezone('UTC', {moment} - interval 1 hour))
            group by {receipt}
        ),
        stepped as (
            select *, coalesce(moment < max(moment) over (
                partition by {till} order by transaction_seq
                rows between unbounded preceding and 1 preceding
            ), false) as steps_back
            from repeated
        ),
        passed as (
            select
                *,
                bool_or(steps_back) over (partition by {till}) as is_told,
                bool_or(steps_back) over (
                    partition by {till} order by transaction_seq
                    rows between unbounded preceding and current row
                ) as is_second
            from stepped
        )
        update {contract.table} as rows
        set {name} = rows.{moment} - interval 1 hour
        from passed
        where rows._file_id = $file_id and passed.is_told and not passed.is_second
            and timezone({zone}, timezone('UTC', rows.{moment}))
                = timezone({zone}, timezone('UTC', rows.{moment} - interval 1 hour))
            and {" and ".join(f"rows.{column} = passed.{column}" for column in RECEIPT)}"""
