"""Grain: one row per model, segment and measure. The work is done by pipelines.value."""


def model(dbt, session):
    """Fit the models of customer value and judge them by the holdout."""
    from pipelines.value.summary import as_table, fit

    holdout_days = int(dbt.config.meta_get("holdout_days"))
    return as_table(fit(dbt.ref("btyd_summary"), holdout_days=holdout_days))
