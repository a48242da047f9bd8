"""Publishing: build directories, the atomic flip of ``current``, retention.

The modules here know neither Dagster nor dbt.
"""
