"""Which members of a dimension are replaced: those of whom a row is another now.

macros/replace_members.sql says how they are replaced.
"""

import duckdb

from pipelines.sql import fetch_one, literal
from pipelines.warehouse.dimensions import Dimension, Today


def write_changed_members(
    connection: duckdb.DuckDBPyConnection,
    dimension: Dimension,
    *,
    has_new_versions: bool,
    has_new_today: bool,
) -> None:
    """Write the members to replace to `history.changed_<entity>`, and versions beside it.

    A row is compared whole, so that it does not matter what changed it: an extract that came, was
    replaced or withdrawn, a link that moved.

    Args:
        connection: On raw.duckdb, with the warehouse attached as `warehouse`.
        dimension: The dimension.
        has_new_versions: Whether versions may have changed; then `now_<entity>` has them.
        has_new_today: Whether what is known as of today alone may have changed.
    """
    entity, dim = dimension.entity, f"warehouse.core.dim_{dimension.entity}"
    names = [
        name
        for (name,) in connection.execute(
            f"select column_name from (describe raw.intermediate.{dimension.versions})"
        ).fetchall()
    ]
    standing = f"select {', '.join(names)} from {dim} where {dimension.has_versions}"
    changed = [f"select {entity}_id from {dim} limit 0"]
    if has_new_versions:
        versions = _changed_versions(entity, standing, names)
        # Who is new finds its versions at hand.
        is_there = f"member_id in (select {entity}_id from {dim})"
        changed.append(
            f"select member_id from ({versions}) where {is_there}"
            if dimension.keeps_versions
            else versions
        )
    if dimension.today and has_new_today:
        changed.append(_changed_today(dimension.today))
    connection.execute(
        f"create or replace table history.changed_{entity} as "
        + " union ".join(f"({query})" for query in changed)
    )
    if not dimension.keeps_versions:
        versions = f"from now_{entity}" if has_new_versions else standing
        connection.execute(
            f"create or replace table history.{entity}_version as from ({versions}) "
            f"where {entity}_id in (select {entity}_id from history.changed_{entity})"
        )
    elif has_new_versions:
        connection.execute(f"create or replace table history.{entity}_version as from now_{entity}")
        made_from = literal(_files(connection, dimension))
        connection.execute(f"comment on table history.{entity}_version is {made_from}")


def has_kept(connection: duckdb.DuckDBPyConnection, dimension: Dimension) -> bool:
    """Whether the versions that a dimension keeps at hand, if it does, are of the files of now.

    A night that was stopped may have left those of files that were withdrawn since.
    """
    if not dimension.keeps_versions:
        return True
    kept = connection.execute(
        "select comment from duckdb_tables() "
        "where database_name = 'raw' and schema_name = 'history' and table_name = ?",
        [f"{dimension.entity}_version"],
    ).fetchall()
    return kept == [(_files(connection, dimension),)]


def _files(connection: duckdb.DuckDBPyConnection, dimension: Dimension) -> str:
    """A fingerprint of the files that versions are made from."""
    (files,) = fetch_one(
        connection,
        "select md5(coalesce(string_agg(version, ',' order by version), '')) "
        "from ledger.file_version where feed in (select unnest(?))",
        [sorted(dimension.feeds)],
    )
    return str(files)


def _changed_versions(entity: str, standing: str, names: list[str]) -> str:
    """Members with a version that begins, ends or says otherwise than one that stands."""
    now, then = (", ".join(f"{side}_version.{n}" for n in names) for side in ("now", "then"))
    return f"""
        select coalesce(now_version.{entity}_id, then_version.{entity}_id) as member_id
        from now_{entity} as now_version
        full join ({standing}) as then_version
            on
                now_version.{entity}_id = then_version.{entity}_id
                and now_version.valid_from_date = then_version.valid_from_date
        where row({now}) is distinct from row({then})
    """


def _changed_today(today: Today) -> str:
    """Members of whom something else is known today; who does not stand yet is built anyway."""
    return f"""
        with now_member as ({today.now}), then_member as ({today.then})
        select member_id from (from now_member except from then_member)
    """
