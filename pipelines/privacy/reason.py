"""Whether a reason, which is published, says whose request it was."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import duckdb

from pipelines.privacy.person import Person
from pipelines.privacy.whole_words import whole_words

TELLING_LENGTH = 3
"""Letters from which a part of a name or street tells by itself; a short whole name does too."""


class ReasonNamesPerson(ValueError):
    """The reason of a request is published, so it must not say whose request it is."""

    def __init__(self) -> None:
        super().__init__(
            "the reason is published, and it names the person: say it without names, numbers and "
            "addresses"
        )


def names_person(connection: duckdb.DuckDBPyConnection, reason: str, person: Person) -> bool:
    """Whether a reason holds a number, address, name or street of a person.

    Case, accents and how an umlaut is written make no difference. A part of a name tells too, so
    an ordinary word that is a name of the person is refused with it: who asks can say it otherwise.

    Args:
        connection: A connection on raw.duckdb.
        reason: The reason.
        person: Whose request it is.
    """
    if whole_words([*person.names, *person.contacts]).search(reason.lower()):
        return True
    told = _folded(reason)
    return any(_stands_in(part, told) for part in _parts(_delivered_names(connection, person)))


def _delivered_names(connection: duckdb.DuckDBPyConnection, person: Person) -> list[str]:
    """Names and streets that records of the person ever had."""
    rows = connection.execute(
        """
        select distinct unnest([given_name, family_name, street]) as name
        from feeds.crm_customer
        where list_contains($records, source_system || '|' || source_customer_id)
        """,
        {"records": [f"{system}|{number}" for system, number in person.records]},
    ).fetchall()
    return [name for (name,) in rows if name]


def _parts(names: Sequence[str]) -> Iterator[str]:
    """What tells the person: each name as a whole, and its longer words but for house numbers."""
    for name in names:
        folded = _folded(name)
        if folded:
            yield folded
        yield from (
            word for word in folded.split() if len(word) >= TELLING_LENGTH and word.isalpha()
        )


def _stands_in(part: str, told: str) -> bool:
    # Scripts without blanks between words, such as Chinese, have no whole words to look for.
    return f" {part} " in f" {told} " if part.isascii() else part in told


def _folded(text: str) -> str:
    """The words of a text in small letters without accents, umlauts as one letter."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for written, letter in {"ae": "a", "oe": "o", "ue": "u", "strasse": "str"}.items():
        plain = plain.replace(written, letter)
    return " ".join(re.findall(r"\w+", plain))
