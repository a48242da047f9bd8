"""What a raw file is: contracts, mappings, the file gate, loading, ledger and quarantine.

Knows DuckDB and the settings; never Dagster.
"""
