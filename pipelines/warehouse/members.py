"""Which members of a dimension are replaced: those of whom a row is another now.

For dimensions of many members; macros/replace_members.sql says how they are replaced.
"""

import duckdb

from pipelines.warehouse.dimensions import ByMember, Dimension


def write_changed_members(
    connection: duckdb.DuckDBPyConnection,
    dimension: Dimension,
    by_member: ByMember,
    *,
    has_new_versions: bool,
    has_new_today: bool,
) -> None:
    """Write the members to replace to `history.changed_<entity>`, and their versions beside it.

    A row is compared whole, so that it does not matter what changed it: an extract that came, was
    replaced or withdrawn, a link that moved.

    Args:
        connection: On raw.duckdb, with the warehouse attached as `warehouse`.
        dimension: The dimension.
        by_member: How it is compared.
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
    standing = f"select {', '.join(names)} from {dim} where {by_member.has_versions}"
    changed = [f"select {entity}_id from {dim} limit 0"]
    if has_new_versions:
        changed.append(_changed_versions(entity, standing, names))
    if has_new_today:
        changed.append(_changed_today(by_member))
    connection.execute(
        f"create or replace table history.changed_{entity} as "
        + " union ".join(f"({query})" for query in changed)
    )
    versions = f"from now_{entity}" if has_new_versions else standing
    connection.execute(
        f"create or replace table history.changed_{entity}_version as from ({versions}) "
        f"where {entity}_id in (select {entity}_id from history.changed_{entity})"
    )


def _changed_versions(entity: str, standing: str, names: list[str]) -> str:
    """Members with a version that begins, ends or says otherwise than one that stands."""
    now, then = (", ".join(f"{side}_version.{n}" for n in names) for side in ("now", "then"))
    return f"""
        select coalesce(now_version.{entity}_id, then_version.{entity}_id)
        from now_{entity} as now_version
        full join ({standing}) as then_version
            on
                now_version.{entity}_id = then_version.{entity}_id
                and now_version.valid_from_date = then_version.valid_from_date
        where row({now}) is distinct from row({then})
    """


def _changed_today(by_member: ByMember) -> str:
    """Members of whom something else is known today; who does not stand yet is built anyway."""
    return f"""
        with now_member as ({by_member.today_now}), then_member as ({by_member.today_then})
        select member_id from (from now_member except from then_member)
    """
