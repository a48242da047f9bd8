"""Grain: one row per affinity level, fiscal period, cluster and member. pipelines.affinity does it."""


def model(dbt, session):
    """Find communities of what is bought together, in markets whose pairs changed."""
    from pipelines.affinity.shelves import group_members

    # Looked for and not only tried: an error would end the transaction.
    places = session.execute(
        "select count(*) from duckdb_tables() "
        "where (database_name, schema_name, table_name) = (?, ?, ?)",
        [dbt.this.database, dbt.this.schema, dbt.this.identifier],
    ).fetchone()
    before = session.query(f"from {dbt.this}") if places[0] else None
    return group_members(dbt.ref("basket_affinity"), before)
