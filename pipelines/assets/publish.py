"""Published assets: the audited warehouse as a new build, and the page made from it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import dagster as dg
import duckdb

from pipelines.dashboard.page import write_dashboard
from pipelines.feeds.contract import CONTRACTS
from pipelines.privacy.come_back import remove_outdated_builds
from pipelines.publishing.builds import DATABASE_NAME, publish
from pipelines.publishing.evidence import RunFacts
from pipelines.publishing.personal_data import load_exemptions
from pipelines.quality.standing import rules_version
from pipelines.quality.verdict import read_verdict
from pipelines.resources import HouseResource
from pipelines.settings import Settings
from pipelines.sql import fetch_one
from pipelines.warehouse.selection import feed_versions
from pipelines.warehouse.state import models_version, vouch

PUBLISHED_KEY = dg.AssetKey(["published", "warehouse"])
DASHBOARD_KEY = dg.AssetKey(["published", "dashboard"])
DASHBOARD_NAME = "dashboard.html"
OWNER = "team:data-engineering"


def build_published_assets(upstream: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The last step: it refuses without a passing verdict on this very warehouse file."""

    @dg.multi_asset(
        name="publish_build",
        specs=[
            dg.AssetSpec(
                PUBLISHED_KEY,
                deps=upstream,
                description="The build that readers open: published/current/tillhouse.duckdb.",
                group_name="published",
                owners=[OWNER],
                kinds={"duckdb"},
            ),
            dg.AssetSpec(
                DASHBOARD_KEY,
                deps=upstream,
                description="One static page about the build: published/current/dashboard.html.",
                group_name="published",
                owners=[OWNER],
                kinds={"html"},
            ),
        ],
    )
    def publish_build(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> Iterator[dg.MaterializeResult]:
        settings = house.settings

        def write_page(directory: Path) -> None:
            write_dashboard(
                directory / DATABASE_NAME,
                directory / DASHBOARD_NAME,
                currency_symbol=settings.currency_symbol,
                script_cache=settings.work / "dashboard",
            )

        build = publish(
            settings.warehouse_database,
            settings.verdict,
            settings.published,
            run_facts=_run_facts(settings, context),
            raw=settings.raw_database,
            own_numbers=load_exemptions(settings.own_numbers),
            keep_builds=settings.keep_builds,
            writers=[write_page],
            on_step=lambda step: context.log.debug(f"publish: {step}"),
        )
        vouch(
            settings.warehouse_database,
            build=build,
            version=models_version(settings.dbt_project, CONTRACTS),
            rules_version=rules_version(settings.expectations),
            verdict=read_verdict(settings.verdict),
            feed_versions=feed_versions(settings.raw_database),
        )
        if removed := remove_outdated_builds(settings):
            context.log.info(f"{removed} older build(s) held somebody who was erased: removed")
        page = build.directory / DASHBOARD_NAME
        yield dg.MaterializeResult(
            asset_key=PUBLISHED_KEY,
            metadata={
                "build_id": build.build_id,
                "path": dg.MetadataValue.path(str(build.database)),
                "size_bytes": build.size_bytes,
                "sha256": build.sha256,
                "last_business_date": str(build.last_business_date),
            },
        )
        yield dg.MaterializeResult(
            asset_key=DASHBOARD_KEY,
            metadata={"page": dg.MetadataValue.url(page.as_uri())},
        )

    return publish_build


def _run_facts(settings: Settings, context: dg.AssetExecutionContext) -> RunFacts:
    record = context.instance.get_run_record_by_id(context.run.run_id)
    begun = record.start_time if record else None
    with duckdb.connect(str(settings.raw_database), read_only=True) as connection:
        first, last, last_file_id = fetch_one(
            connection,
            "select min(business_date), max(business_date), (select max(file_id) from ledger.file) "
            "from ledger.changed_business_date where is_fact_changed",
        )
    return RunFacts(
        run_id=context.run.run_id,
        started_at=datetime.fromtimestamp(begun, UTC) if begun else datetime.now(UTC),
        tillhouse_version=version("tillhouse"),
        dbt_version=version("dbt-core"),
        first_business_date=first,
        last_business_date=last,
        last_file_id=last_file_id,
    )
