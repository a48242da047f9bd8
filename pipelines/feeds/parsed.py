"""A contract column as SQL, in the steps in which it is read."""

from dataclasses import dataclass

from pipelines.sql import quote


def text_of(name: str) -> str:
    """Where the trimmed text of a contract column stands; blank is NULL."""
    return quote(f"_text_{name}")


def value_of(name: str) -> str:
    """Where the typed value of a contract column stands; NULL where the text cannot be read."""
    return quote(f"_value_{name}")


@dataclass(frozen=True, kw_only=True)
class ParsedColumn:
    """One contract column as SQL, in steps, so that each text is trimmed and read only once.

    Attributes:
        name: Contract column.
        text: Over the file's own columns: the trimmed text, or the typed value of a typed source.
        value: Over `text_of`: the typed value. None for a column that follows from another one.
        derived: Over `value_of` other columns: the value of a column that follows from them.
        is_sound: Over texts and values: whether the value keeps the contract; never NULL.
        reason: Over texts and values: NULL for a sound value, else words that name column, text
            and rule.
        kept: Over values: what is stored. None where it is the value itself.
    """

    name: str
    text: str
    value: str | None
    derived: str | None = None
    is_sound: str = "true"
    reason: str = "null"
    kept: str | None = None
