"""Personal data: contacts and their keyed hashes, erasure, access, legal hold.

Everything here works on raw.duckdb and the landed files; readers see ids and hashes only.
"""
