"""Identity assets: which source records are one customer, resolved after the load."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import duckdb

from pipelines.assets.raw import OWNER, raw_key
from pipelines.identity.records import FEEDS, RECEIPTS
from pipelines.identity.resolve import resolve_identities
from pipelines.resources import HouseResource
from pipelines.sql import literal
from pipelines.warehouse.target import spark_session_parameters

LEDGER_KEY = dg.AssetKey(["identity", "xref_customer_identity"])
HOUSEHOLD_KEY = dg.AssetKey(["identity", "household"])


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[raw_key(feed) for feed in (*FEEDS, RECEIPTS)],
        description=description,
        group_name="identity",
        owners=[OWNER],
        kinds={"duckdb"},
    )


def build_identity_assets() -> dg.AssetsDefinition:
    """The step that links source records to customers; gate 19 stops it before it writes."""

    @dg.multi_asset(
        name="resolve_identities",
        specs=[
            _spec(LEDGER_KEY, "The link of each source record to a customer, and links of before."),
            _spec(HOUSEHOLD_KEY, "The household of each person."),
        ],
    )
    def resolve(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> Iterator[dg.MaterializeResult]:
        settings = house.settings
        with duckdb.connect(str(settings.raw_database)) as connection:
            connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
            connection.execute(f"set threads = {settings.threads}")
            connection.execute(f"set temp_directory = {literal(str(settings.work / 'spill'))}")
            connection.execute("set enable_progress_bar = false")
            found = resolve_identities(
                connection,
                seeds=settings.dbt_project / "seeds",
                now=datetime.now(UTC).replace(tzinfo=None),
                spark=spark_session_parameters(settings),
            )
        if found is None:
            context.log.info("nothing that links customers has changed")
            yield dg.MaterializeResult(asset_key=LEDGER_KEY, metadata={"unchanged": True})
            yield dg.MaterializeResult(asset_key=HOUSEHOLD_KEY, metadata={"unchanged": True})
            return
        context.log.info(
            f"{found.record_count:,} source records are {found.customer_count:,} customers; "
            f"{found.opened_count:,} links opened, {found.closed_count:,} closed, "
            f"{found.compared_count:,} pairs scored"
        )
        yield dg.MaterializeResult(
            asset_key=LEDGER_KEY,
            metadata={
                "source_records": found.record_count,
                "customers": found.customer_count,
                "links_opened": found.opened_count,
                "links_closed": found.closed_count,
                "pairs_scored": found.compared_count,
            },
        )
        yield dg.MaterializeResult(
            asset_key=HOUSEHOLD_KEY, metadata={"dagster/row_count": found.household_count}
        )

    return resolve
