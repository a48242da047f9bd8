"""Who bears a mail address or phone number: what is said beside it, as keyed hashes.

Two people may share an address, at once or one after the other. Who is erased leaves hashes of the
address together with given name, family name and birth date, so that a record that comes later is
told from somebody else's, and nothing can be read out of them without the address.
"""

from pipelines.privacy.key import keyed_hash

FACTS = {
    "given": "folded_name(given_name)",
    "family": "folded_name(family_name)",
    "birth": "cast(known_birth_date(birth_date) as text)",
}
"""SQL of what a record says of its bearer, by `NAME_MACROS` of the records of identity."""

FACTS_OF_RECORD = ", ".join(f"{text} as {fact}" for fact, text in FACTS.items())

_KNOWN = "(select identifier_hash from privacy.tombstone where kind = 'bearer')"


def bearer_hashes() -> str:
    """SQL: the hashes that a relation of form, given, family and birth leaves; some are NULL.

    One for each fact, and one that says that the fact is known at all.
    """
    return (
        "["
        + ", ".join(
            keyed_hash(_bearer(fact, value))
            for fact in FACTS
            for value in (fact, f"case when {fact} is not null then '' end")
        )
        + "]"
    )


def is_same_bearer() -> str:
    """SQL: whether nothing that a record says contradicts what tombstones know of its contact.

    Another given name or birth date is another person. Another family name is one too where
    neither given name nor birth date is known to be the same: people marry.
    """
    return (
        f"not {_differs('given')} and not {_differs('birth')} "
        f"and ({_agrees('given')} or {_agrees('birth')} or not {_differs('family')})"
    )


def _bearer(fact: str, value: str) -> str:
    return f"'bearer|' || form || '|{fact}|' || {value}"


def _agrees(fact: str) -> str:
    return f"coalesce({keyed_hash(_bearer(fact, fact))} in {_KNOWN}, false)"


def _differs(fact: str) -> str:
    is_known = keyed_hash(_bearer(fact, "''"))
    return f"({fact} is not null and {is_known} in {_KNOWN} and not {_agrees(fact)})"
