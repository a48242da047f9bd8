"""Personal data assets: what is made of contacts before the warehouse is built."""

import dagster as dg
import duckdb

from pipelines.feeds.contract import load_contracts
from pipelines.privacy.contacts import write_contacts
from pipelines.privacy.key import require_key
from pipelines.resources import HouseResource
from pipelines.sql import fetch_one

CUSTOMER_HASH_KEY = dg.AssetKey(["privacy", "customer_hash"])
OWNER = "team:data-engineering"


def build_personal_data_assets() -> dg.AssetsDefinition:
    """The step that hashes contacts; it refuses where people are named and there is no key."""

    @dg.asset(
        key=CUSTOMER_HASH_KEY,
        deps=[dg.AssetKey(["raw", feed]) for feed in load_contracts()],
        description="Keyed hashes of mail addresses, phone numbers and names, by source record.",
        group_name="privacy",
        owners=[OWNER],
        kinds={"duckdb"},
    )
    def hash_contacts(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> dg.MaterializeResult:
        settings = house.settings
        with duckdb.connect(str(settings.raw_database)) as connection:
            connection.execute("set timezone = 'UTC'")
            key = require_key(connection, settings.privacy_key)
            count = write_contacts(connection, key)
            context.log.info(
                "contacts are as they were" if count is None else f"{count:,} contact(s) hashed"
            )
            (hashes,) = fetch_one(connection, "select count(*) from privacy.customer_hash")
        return dg.MaterializeResult(metadata={"dagster/row_count": int(hashes)})

    return hash_contacts
