"""The quality gate: YAML suites, evaluated by Great Expectations inside DuckDB, and the verdict.

The modules here know neither Dagster nor dbt. ``great_expectations`` costs 3.5 CPU seconds to
import, so only ``gx_duckdb``, and functions of ``gate`` and ``lint``, ever touch it.
"""
