"""What stands in rows where a customer was named who has been erased, see `pipelines.privacy`."""

ERASED = "erased"
"""In the place of a reference to an erased customer: the same for all of them."""

TOKEN_PREFIX = f"{ERASED}-"
"""How what stands in a key begins: there two of them must stay two."""


def is_erased(column: str) -> str:
    """SQL: whether a reference, which is not NULL, names somebody who was erased."""
    return f"({column} = '{ERASED}' or starts_with({column}, '{TOKEN_PREFIX}'))"
