"""Whether the warehouse file is a sound base for an incremental build.

A run that was killed, or that the gate stopped, leaves a warehouse that nobody vouches for. The
next run then begins from the file that was published last, and rebuilds what changed since; so any
sequence of runs and kills ends in the same warehouse.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.digest import FileDigest, copy, digest_of, version_of
from pipelines.publishing.builds import PublishedBuild, current_build
from pipelines.quality.verdict import FileStamp, Verdict

BUILT_SCHEMAS = ("staging", "intermediate", "seeds", "history")
"""The schemas of raw.duckdb that a build makes; the others are the loader's."""


@dataclass(frozen=True, kw_only=True)
class WarehouseState:
    """What is known of a published warehouse: by which models and rules, from which feeds."""

    build_id: str
    models_version: str
    rules_version: str
    warehouse_stamp: FileStamp
    warehouse_digest: FileDigest
    feed_versions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the coming build goes on from.

    Attributes:
        description: What was found and done, in words.
        feed_versions: The feeds that the warehouse is made of, by their version; None when
            everything is to be built, because tables or views are missing.
    """

    description: str
    feed_versions: Mapping[str, str] | None = None


def _state_path(warehouse: Path) -> Path:
    return warehouse.with_suffix(".state.json")


def models_version(dbt_project: Path, contracts: Path) -> str:
    """Fingerprint of everything that decides what a warehouse looks like, given the raw rows."""
    sources = [dbt_project / "dbt_project.yml", *contracts.glob("*.yml")]
    for folder in ("models", "macros", "seeds"):
        sources.extend((dbt_project / folder).rglob("*"))
    return version_of(path for path in sources if path.is_file())


def vouch(
    warehouse: Path,
    *,
    build: PublishedBuild,
    version: str,
    rules_version: str,
    verdict: Verdict,
    feed_versions: Mapping[str, str],
) -> None:
    """Write down that the warehouse is as published: the last step of a good run."""
    state = WarehouseState(
        build_id=build.build_id,
        models_version=version,
        rules_version=rules_version,
        warehouse_stamp=verdict.warehouse_stamp,
        warehouse_digest=verdict.warehouse_digest,
        feed_versions=dict(feed_versions),
    )
    partial = _state_path(warehouse).with_suffix(".partial")
    partial.write_text(json.dumps(asdict(state)), encoding="utf-8")
    partial.replace(_state_path(warehouse))


def last_state(warehouse: Path) -> WarehouseState | None:
    """What is known of the warehouse that was published last; None where none is vouched for."""
    return _read(warehouse)


def withdraw(warehouse: Path) -> None:
    """Vouch for the warehouse no longer: the next run builds everything anew."""
    _state_path(warehouse).unlink(missing_ok=True)


def is_current(
    warehouse: Path, published: Path, *, version: str, feed_versions: Mapping[str, str]
) -> bool:
    """Whether the warehouse is as published, by today's models and of the files of now."""
    state, build = _read(warehouse), current_build(published)
    return (
        state is not None
        and build is not None
        and (state.build_id, state.models_version) == (build.build_id, version)
        and state.feed_versions == dict(feed_versions)
        and _is_as_left(warehouse, state)
    )


def passed_before(
    state: WarehouseState | None, published: Path, *, version: str, rules_version: str
) -> Path | None:
    """The published file that the warehouse goes on from, if today's rules passed it; else None."""
    build = current_build(published)
    if state is None or build is None:
        return None
    of_state = (state.build_id, state.models_version, state.rules_version)
    return build.database if of_state == (build.build_id, version, rules_version) else None


def make_sound(warehouse: Path, raw_database: Path, published: Path, *, version: str) -> Base:
    """Leave a warehouse that an incremental build can go on from, or none at all.

    Args:
        warehouse: The warehouse file.
        raw_database: raw.duckdb; what dbt built in it is dropped unless the warehouse is sound.
        published: The directory of published builds.
        version: The version of today's models; a warehouse of other models is built anew.

    Returns:
        What to go on from.
    """
    state = _read(warehouse)
    build = current_build(published)
    log = warehouse.with_name(f"{warehouse.name}.wal")
    if state and build and state.models_version == version and state.build_id == build.build_id:
        if not log.exists() and _is_as_left(warehouse, state):
            return Base(
                description=f"the warehouse is as build {build.build_id} left it: "
                "only changes are built",
                feed_versions=state.feed_versions,
            )
        _drop_built(raw_database)
        log.unlink(missing_ok=True)
        if copy(build.database, warehouse).sha256 == build.sha256:
            return Base(
                description="the last run did not end well: going on from published build "
                f"{build.build_id}"
            )
        warehouse.unlink()
        return Base(
            description=f"published build {build.build_id} is not the file of its manifest any"
            " more: everything is built anew"
        )
    _drop_built(raw_database)
    for path in (warehouse, log):
        path.unlink(missing_ok=True)
    if state and build and state.models_version != version:
        return Base(description="the models changed: everything is built anew")
    return Base(description="no published build to go on from: everything is built anew")


def _is_as_left(warehouse: Path, state: WarehouseState) -> bool:
    """Whether nobody wrote to the file since; read whole only when it is a copy or was touched."""
    if not warehouse.exists():
        return False
    return (
        FileStamp.of(warehouse) == state.warehouse_stamp
        or digest_of(warehouse) == state.warehouse_digest
    )


def _drop_built(raw_database: Path) -> None:
    """Drop dbt's schemas in raw.duckdb: tables in them may be of the run that ended badly."""
    with duckdb.connect(str(raw_database)) as connection:
        for schema in BUILT_SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade")


def _read(warehouse: Path) -> WarehouseState | None:
    try:
        content = json.loads(_state_path(warehouse).read_text(encoding="utf-8"))
        return WarehouseState(
            **content
            | {
                "warehouse_stamp": FileStamp(**content["warehouse_stamp"]),
                "warehouse_digest": FileDigest.of(content["warehouse_digest"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
