"""Whether floor and house did the same work: the same rows in every table that both have."""

from pathlib import Path

import duckdb

LEFT_OUT_COLUMNS = ("name_token", "email_hash", "phone_hash", "completeness_rate")
"""Made with the key of the house, which the floor has not, or counting what is."""

LEFT_OUT_TABLES = ("core.dim_customer_contact", "core.fct_returns")
"""The floor hashes no contacts and has no returns beside the lines of sales."""


def differences(left: Path, right: Path) -> list[str]:
    """Tables of core and marts whose rows differ between two warehouse files.

    Rows are compared as sets with repeats, by a sum of hashes; a table that one file lacks is not
    compared. Columns are compared by name. What the floor does not make is left out.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as left_file (read_only)")
        connection.execute(f"attach '{right}' as right_file (read_only)")
        tables = connection.execute(
            """
            select schema_name, table_name
            from duckdb_tables()
            where
                schema_name in ('core', 'marts')
                and not list_contains($1, schema_name || '.' || table_name)
            group by all
            having count(*) = 2
            order by all
            """,
            [list(LEFT_OUT_TABLES)],
        ).fetchall()
        return [
            f"{schema}.{table}"
            for schema, table in tables
            if _fingerprint(connection, "left_file", schema, table)
            != _fingerprint(connection, "right_file", schema, table)
        ]


def _fingerprint(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str
) -> list[object]:
    columns = connection.execute(
        """
        select column_name, data_type
        from duckdb_columns()
        where
            database_name = $1 and schema_name = $2 and table_name = $3
            and not list_contains($4, column_name)
        order by column_name
        """,
        [database, schema, table, list(LEFT_OUT_COLUMNS)],
    ).fetchall()
    # A sum of doubles depends on the order of its terms: beyond 9 digits it is no difference.
    values = ", ".join(
        f"format('{{:.9g}}', {name})" if data_type == "DOUBLE" else str(name)
        for name, data_type in columns
    )
    found = connection.execute(
        f"select count(*), sum(hash({values})) from {database}.{schema}.{table}"
    ).fetchall()
    return [*columns, *found]
