"""Grain: one row per store of store_mix, where these are enough. The work is done by pipelines.stores."""


def model(dbt, session):
    """Find stores that sell a like mix of goods in a like climate."""
    from pipelines.stores.clusters import cluster_table

    return cluster_table(dbt.ref("store_mix"), dbt.ref("dim_store"))
