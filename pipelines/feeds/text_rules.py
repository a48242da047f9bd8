"""What holds for every text: it can be read, and it is no payment card's number.

Card numbers must be stored nowhere (PCI DSS), so a row that holds one is quarantined and the
number is masked there too. A number is taken for a card's when it has 13 to 19 digits and passes
Luhn's check, be they together or in the groups that cards print, with blanks or hyphens. One of ten
numbers passes by chance, so a bar code is believed in a column of bar codes, an item number that is
a right GTIN (GS1 check digit) is believed too, and a mapping may declare `own_numbers`.
"""

from collections.abc import Sequence

from pipelines.feeds.contract import Column
from pipelines.feeds.mapping import Mapping, Normalisation
from pipelines.redaction import CARD_MASK
from pipelines.sql import literal

CARD_SHAPES = (
    r"\d+",
    r"\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,4})?",
    r"\d{4}[ -]\d{6}[ -]\d{4,5}",
)
"""Runs of digits in which to look: together, and as cards group them.

Other groups are no card's: a receipt's name, as 001-9-2024-03-21-1, has digits enough too.
"""

SHORTEST_CARD = 13
"""Digits of the shortest card number; texts of fewer bytes are passed over."""

INVISIBLE = r"[\x{AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]"


def luhn_holds(digits: str) -> str:
    """SQL: whether a text of digits passes Luhn's check (ISO/IEC 7812)."""
    # every second digit from the right counts double, less 9 where that has two digits
    return (
        f"list_sum(list_transform(range(1, length({digits}) + 1), lambda place: "
        f"cast(substr(reverse({digits}), place, 1) as integer) * (2 - place % 2) "
        f"- if(place % 2 = 0 and substr(reverse({digits}), place, 1) > '4', 9, 0))) % 10 = 0"
    )


def gtin_holds(digits: str) -> str:
    """SQL: whether a text of digits has the length and check digit of a GTIN (GS1)."""
    return (
        f"(length({digits}) in (8, 12, 13, 14) and list_sum(list_transform("
        f"range(1, length({digits}) + 1), lambda place: "
        f"cast(substr(reverse({digits}), place, 1) as integer) * if(place % 2 = 0, 3, 1)"
        f")) % 10 = 0)"
    )


def holds_card_number(text: str) -> str:
    """SQL: whether a card number stands anywhere in a text."""
    runs = ", ".join(f"regexp_extract_all({text}, {literal(shape)})" for shape in CARD_SHAPES)
    digits = "regexp_replace(run, '[ -]', '', 'g')"
    # Short texts are passed over in one comparison: this runs over each text of each row.
    return (
        f"case when coalesce(strlen({text}), 0) < {SHORTEST_CARD} then false "
        f"when not regexp_matches({text}, '\\d(?:[ -]?\\d){{12}}') then false "
        f"else coalesce(list_bool_or(list_transform(flatten([{runs}]), lambda run: "
        f"case when length({digits}) between 13 and 19 then {luhn_holds(digits)} "
        f"else false end)), false) end"
    )


def masked(text: str) -> str:
    """SQL: a text in which, where it holds a card number, every run of 13 digits is masked."""
    run = literal(r"\d(?:[ -]?\d){12,}")
    return (
        f"case when {holds_card_number(text)} "
        f"then regexp_replace({text}, {run}, {literal(CARD_MASK)}, 'g') else {text} end"
    )


def normalised(text: str, steps: Sequence[Normalisation]) -> str:
    """SQL: a text after the declared steps, in their order; NULL where nothing is left."""
    for step in steps:
        if step == "trim":
            text = f"trim({text})"
        elif step == "invisible":
            text = f"regexp_replace({text}, {literal(INVISIBLE)}, '', 'g')"
        elif step == "nfkc":
            text = f"if(strlen({text}) = length({text}), {text}, nfkc({text}))"
        else:
            text = f"upper({text})"
    return f"nullif({text}, '')"


def _is_bar_code(name: str, text: str) -> str | None:
    """SQL: whether a text is a bar code, as far as its column can hold one.

    A wrong check digit of a column of bar codes is not judged here: that is a gate of its own.
    """
    is_code = f"coalesce(regexp_full_match({text}, '\\d{{8,14}}'), false)"
    if name == "gtin":
        return is_code
    if name == "item_id":
        # Not `and`: DuckDB may look at the check digit first, and that is only there in digits.
        return f"case when {is_code} then {gtin_holds(text)} else false end"
    return None


def text_rules(
    column: Column, text: str, mapping: Mapping, *, is_readable: bool = False
) -> list[tuple[str, str]]:
    """Rules of a text column as SQL that is never NULL, each with the words for its breach.

    Args:
        column: The column.
        text: SQL of its text.
        mapping: What the retailer says of it.
        is_readable: Whether it is known that all characters can be read.
    """
    rules = []
    if not is_readable:
        holds_none = f"not coalesce(contains({text}, chr(65533)), false)"
        rules.append((holds_none, "holds a character that cannot be read"))
    if column.name not in mapping.own_numbers:
        is_card = holds_card_number(text)
        if believed := _is_bar_code(column.name, text):
            is_short = f"coalesce(strlen({text}), 0) < {SHORTEST_CARD}"
            is_card = (
                f"case when {is_short} then false when {believed} then false else {is_card} end"
            )
        rules.append((f"not ({is_card})", "holds what may be a card number"))
    return rules
