"""The warehouse file between loading and the gate: its state, what changed, and dbt.

Knows DuckDB, dbt and the settings; never Dagster.
"""
