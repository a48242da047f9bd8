"""What messages must not carry: addresses, phone and card numbers, values of failed conversions.

Reasons and errors leave raw.duckdb: for Dagster's event log, the console and the files behind it.
Patterns are written for Python's `re` and for DuckDB's RE2 alike, without lookarounds.
"""

import re

MAIL = r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,}"

PHONE = "|".join(
    (
        r"\+[1-9][0-9]{0,2}(?:[ ()./-]{0,2}[0-9]){6,12}",  # +49 170 1234567
        r"00[1-9][0-9]{0,2}[ /][0-9](?:[ ()/-]{0,2}[0-9]){5,11}",  # 0049 170 1234567
        r"\(?0[1-9][0-9]{1,4}\)?[ /][0-9](?:[ -]?[0-9]){4,8}",  # 0170 1234567, (030) 123456
        r"(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}",  # (555) 123-4567
    )
)
"""Phone numbers as people write them: with a country code, or in groups.

Bare digits are no such shape: most of them are the house's own numbers.
"""

BEFORE = "0-9A-Za-z.+@-"
"""Characters that a phone number never follows: there it is the end of another number or name."""

_CONTACT = re.compile(rf"{MAIL}|(?<![{BEFORE}])(?:{PHONE})(?![0-9A-Za-z])")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,}(?![0-9A-Za-z])")
_IN_SINGLE_QUOTES = re.compile(r"'[^']*'")
_IN_DOUBLE_QUOTES = re.compile(r'"[^"]*"')
_SHOWN_AGAIN = re.compile(r"\n[^\n]*\n *\^(?=\n|$)")
"""A text that does not fit a format, on a line of its own above a mark."""

_OF_THE_DATA = re.compile(r"(?:Conversion|Constraint|Invalid Input|Out of Range) Error")

CARD_MASK = "[card number]"


def mask_contacts(text: str) -> str:
    """A text in which mail addresses and phone numbers are masked."""
    return _CONTACT.sub("[contact]", text)


def mask(text: str) -> str:
    """A message without contacts and without long numbers, whatever they may be; digests stay."""
    return _LONG_NUMBER.sub(CARD_MASK, mask_contacts(text))


def without_values(message: str) -> str:
    """An error without the values of data that it quotes.

    DuckDB puts a text that could not be cast in single quotes. Double quotes hold names, but in
    errors of the data also dates and keys, so there both are masked.
    """
    message = _SHOWN_AGAIN.sub("", _IN_SINGLE_QUOTES.sub("'...'", message))
    if _OF_THE_DATA.search(message):
        message = _IN_DOUBLE_QUOTES.sub('"..."', message)
    return mask(message)
