"""Grain: one row per segment, frequency, recency and age. The work is done by pipelines.value."""


def model(dbt, session):
    """Score each group of customers who did the same by the models of tonight."""
    from pipelines.value.summary import score

    return score(
        dbt.ref("btyd_summary"),
        dbt.ref("int_value_model__fitted"),
        yearly_discount_rate=float(dbt.config.meta_get("yearly_discount_rate")),
    )
