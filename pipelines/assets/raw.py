"""Raw assets: one a feed contract, all loaded by one step, since a file names its feed itself."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.kept import keep
from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.unresolved import raise_for_refused
from pipelines.privacy.come_back import withdraw_outdated
from pipelines.privacy.expiry import keep_closed_weeks_out
from pipelines.privacy.person import SOURCE_PRIORITY
from pipelines.privacy.tombstones import guard, keep_out
from pipelines.resources import HouseResource, WindowResource
from pipelines.sql import literal

OWNER = "team:data-engineering"


def raw_key(feed: str) -> dg.AssetKey:
    """Asset key of a feed's rows."""
    return dg.AssetKey(["raw", feed])


def _spec(contract: Contract) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(column.name, type=column.duckdb_type, description=column.description)
        for column in contract.columns
    ]
    return dg.AssetSpec(
        raw_key(contract.feed),
        description=f"{contract.description} {contract.grain}",
        group_name="raw",
        owners=[OWNER],
        kinds={"duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


def build_raw_assets() -> dg.AssetsDefinition:
    """The step that loads what landed into raw.duckdb."""

    @dg.multi_asset(
        name="load_landed_files", specs=[_spec(contract) for contract in load_contracts().values()]
    )
    def load(
        context: dg.AssetExecutionContext, house: HouseResource, window: WindowResource
    ) -> Iterator[dg.MaterializeResult]:
        settings = house.settings
        settings.make_directories()
        with duckdb.connect(str(settings.raw_database)) as connection:
            connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
            connection.execute(f"set threads = {settings.threads}")
            connection.execute(f"set temp_directory = {literal(str(settings.work / 'spill'))}")
            connection.execute("set enable_progress_bar = false")
            guard(connection, settings)
            summary = load_landed_files(
                connection,
                landing=settings.landing,
                mappings=load_mappings(settings.mappings),
                work=settings.work,
                until=window.window(context.run).last,
                settle_seconds=settings.settle_seconds,
                threads=settings.threads,
                on_progress=context.log.info,
            )
            context.log.info(_in_words(summary))
            for feed, count in sorted(summary.unproven.items()):
                context.log.warning(
                    f"{feed}: nothing proves {count} Parquet file(s) whole, see meta.feed_status"
                )
            kept_out = keep_out(connection, settings)
            if kept_out.row_count:
                context.log.info(f"{kept_out.row_count:,} row(s) named somebody who was erased")
            if withdraw_outdated(connection, settings):
                context.log.info(
                    f"so did {kept_out.older_row_count:,} older row(s): all is built anew"
                )
            late = keep_closed_weeks_out(connection, settings.dbt_project / SOURCE_PRIORITY)
            if late:
                context.log.warning(f"{late:,} row(s) are of closed weeks and were not kept")
            keep(connection, settings.kept)
            yield from _results(connection)
            raise_for_refused(connection, settings.landing)

    return load


def _results(connection: duckdb.DuckDBPyConnection) -> Iterator[dg.MaterializeResult]:
    rows = connection.execute(
        """
        select
            feed.feed, count(file.file_id), coalesce(sum(file.row_count), 0),
            coalesce(sum(file.loaded_count), 0), coalesce(sum(file.quarantined_count), 0),
            coalesce(sum(file.duplicate_count), 0), max(file.last_date)
        from ledger.feed
        left join ledger.file on feed.feed = file.feed and file.status in ('loaded', 'duplicate')
        group by feed.feed
        """
    ).fetchall()
    for feed, files, delivered, loaded, quarantined, duplicate, last_date in rows:
        yield dg.MaterializeResult(
            asset_key=raw_key(feed),
            metadata={
                "dagster/row_count": int(loaded),
                "files": files,
                "rows_delivered": int(delivered),
                "rows_quarantined": int(quarantined),
                "rows_duplicate": int(duplicate),
                "last_date": str(last_date or "no feed"),
            },
        )


def _in_words(summary: LoadSummary) -> str:
    return (
        f"{len(summary.loaded)} file(s) loaded: {summary.row_count:,} rows = "
        f"{summary.loaded_count:,} loaded + {summary.quarantined_count:,} quarantined + "
        f"{summary.duplicate_count:,} duplicate; {len(summary.duplicates)} file(s) known already, "
        f"{len(summary.refused)} refused, {len(summary.strangers)} strange, "
        f"{len(summary.not_ready)} not ready"
    )
