"""SQL aggregates over the published file, each a named function with a small result.

Only `core`, `marts` and `meta` are read; every value is bound. Additive columns are summed first
and divided last. Layout, words and rounding belong to the sections.
"""
