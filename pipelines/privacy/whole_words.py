r"""How a person's numbers, mail addresses and phone numbers are looked for in a text: as a whole.

kim@example.org does not stand in joakim@example.org, jo.kim@example.org or kim@example.org.uk, nor
C1 in C12. What is searched is in small letters. Letters beyond ASCII end a word, since scripts such
as Chinese have no blanks between words; so does what stands before a text where it is written in
JSON or in a link, such as \n and %20. DuckDB's RE2 has no lookarounds, so there a pattern takes in
the characters around the text: it tells whether one is there, and cannot replace it.
"""

import re
from collections.abc import Iterable

from pipelines.sql import literal

_ESCAPES = (r"\\[nrtbf]", r"\\u[0-9a-f]{4}", "%[0-9a-f]{2}")

_IS_BEHIND = "|".join(f"(?<={escape})" for escape in _ESCAPES)
_ADDRESS = (
    rf"(?:(?<![0-9a-z_])(?<![0-9a-z_][.+@-])|{_IS_BEHIND})",
    r"(?![0-9a-z_@]|[.-][0-9a-z_])",
)
_WORD = (rf"(?:(?<![0-9a-z])|{_IS_BEHIND})", "(?![0-9a-z])")
"""What stands around a mail address and around any other text, for Python."""

_TAKEN = "|".join(_ESCAPES)
_ADDRESS_TAKEN = (
    rf"(?:^|[^0-9a-z_.+@-]|(?:^|[^0-9a-z_])[.+@-]|{_TAKEN})",
    "(?:$|[^0-9a-z_@.-]|[.-](?:$|[^0-9a-z_]))",
)
_WORD_TAKEN = (f"(?:^|[^0-9a-z]|{_TAKEN})", "(?:$|[^0-9a-z])")
"""The same for DuckDB."""


def whole_words(texts: Iterable[str]) -> re.Pattern[str]:
    """What finds any of some texts where it stands as a whole; nothing where there are none.

    Args:
        texts: Numbers, mail addresses and phone numbers, in any letters.
    """
    return re.compile(_pattern(texts, _ADDRESS, _WORD))


def holds_any(text: str, texts: Iterable[str]) -> str:
    """SQL: whether any of some texts stands in another one as a whole.

    Args:
        text: SQL of what is searched, in small letters.
        texts: Numbers, mail addresses and phone numbers, in any letters.
    """
    return f"regexp_matches({text}, {literal(_pattern(texts, _ADDRESS_TAKEN, _WORD_TAKEN))})"


def _pattern(texts: Iterable[str], address: tuple[str, str], word: tuple[str, str]) -> str:
    small = sorted({text.lower() for text in texts if text})
    parts = [
        f"{before}(?:{'|'.join(map(re.escape, alike))}){after}"
        for (before, after), alike in (
            (address, [text for text in small if "@" in text]),
            (word, [text for text in small if "@" not in text]),
        )
        if alike
    ]
    # No text has a letter before its beginning.
    return "|".join(parts) or r"\w\A"
