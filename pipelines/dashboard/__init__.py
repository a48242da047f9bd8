"""The static dashboard: one HTML file a build, written from the published database.

`page.write_dashboard` is the only entry. Below it every module has one job:

- `database`: the read-only connection
- `queries`: SQL aggregates, one named function a question
- `sections/`: one module a section; computes the takeaway and lays out tables and charts
- `charts`, `theme`: Vega-Lite specs and their light and dark configuration
- `wording`, `formatting`: every word and every number a reader sees
- `templates/`: markup, style and the few lines of script

Nothing here knows Dagster, and altair and vl_convert are imported only when a page is written.
"""
