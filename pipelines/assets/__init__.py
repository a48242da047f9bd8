"""Dagster assets: thin shells over the packages that do the work."""
