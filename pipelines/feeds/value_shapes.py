"""The shapes in which numbers, dates and moments may be written, as a mapping declares them.

Each function returns SQL: the value of a text, and whether the text has the declared shape. A cast
that may fail is a `try_cast`: one bad row must not stop a file.
"""

from pipelines.feeds.contract import DECIMAL, Column
from pipelines.feeds.mapping import EXCEL_SERIAL, Mapping
from pipelines.sql import literal

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")

ISO_TIMESTAMP = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"


THOUSANDS_MARKS = {".": r"\.", ",": ",", " ": r" \x{A0}\x{202F}", "'": r"'\x{2019}"}
"""Declared mark -> what stands for it in print: narrow and hard blanks, the curly apostrophe."""


def typed_value(column: Column, mapping: Mapping, text: str, value: str) -> tuple[str, str]:
    """Typed value of a text, and whether text and value have the declared shape."""
    if column.type == "text":
        return text, "true"
    if column.type == "boolean":
        lower = f"lower({text})"
        yes, no = (", ".join(map(literal, words)) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"({lower} in ({yes}))", f"{lower} in ({yes}, {no})"
    if column.type == "date":
        return _date(mapping.date_format, text, value)
    if column.type == "timestamp":
        return _timestamp(mapping, text, value)
    return _number(column, mapping, text)


def _number(column: Column, mapping: Mapping, text: str) -> tuple[str, str]:
    """Integers and decimals in the declared locale; more decimals than the contract are refused."""
    decimal = DECIMAL.fullmatch(column.type)
    digits, scale = (int(decimal[1]), int(decimal[2])) if decimal else (18, 0)
    whole = rf"\d{{1,{digits - scale}}}"
    plain = text
    if marks := THOUSANDS_MARKS.get(mapping.thousands_separator):
        whole = rf"(\d{{1,3}}([{marks}]\d{{3}})+|{whole})"
        plain = f"regexp_replace({plain}, {literal(f'[{marks}]')}, '', 'g')"
    if mapping.decimal_separator != ".":
        plain = f"replace({plain}, {literal(mapping.decimal_separator)}, '.')"
    point = rf"\{mapping.decimal_separator}"
    usual = rf"({point}\d{{0,{scale}}})?" if decimal else ""
    longest = rf"({point}\d{{0,{scale}}}0*)?" if decimal else rf"({point}0+)?"
    before, after = "", ""
    if mapping.currency_sign:
        sign = "".join(
            rf"\{mark}" if mark in "$.*+?()[]{}|^\\" else mark for mark in mapping.currency_sign
        )
        before, after = rf"({sign}\s?)?", rf"(\s?{sign})?"
        plain = f"replace({plain}, {literal(mapping.currency_sign)}, '')"
    usual, longest = (f"{before}{whole}{fraction}{after}" for fraction in (usual, longest))
    if mapping.negative == "leading":
        usual, longest = rf"[+-]?{usual}", rf"[+-]?{longest}"
    elif mapping.negative == "trailing":
        usual, longest = rf"{usual}-?", rf"{longest}-?"
        plain = f"if(ends_with({text}, '-'), '-', '') || rtrim({plain}, '- ')"
    else:
        usual, longest = rf"{usual}|\({usual}\)", rf"{longest}|\({longest}\)"
        plain = f"if(starts_with({text}, '('), '-', '') || trim({plain}, '() ')"
    if mapping.currency_sign:
        plain = f"replace({plain}, ' ', '')"
    return f"try_cast({plain} as {column.duckdb_type})", _matches(text, usual, longest)


def _matches(text: str, usual: str, longest: str) -> str:
    """Whether a text has a shape; the usual form of it is tried first and costs half as much."""
    return (
        f"case when regexp_full_match({text}, {literal(usual)}) then true "
        f"else regexp_full_match({text}, {literal(longest)}) end"
    )


def _date(date_format: str, text: str, value: str) -> tuple[str, str]:
    if date_format == EXCEL_SERIAL:
        # Days before 61 differ between Excel and the calendar: it knows a 29 February 1900.
        days = f"try_cast({text} as integer)"
        return (
            f"date '1899-12-30' + {days}",
            f"regexp_full_match({text}, '\\d{{2,6}}') and {days} > 60",
        )
    if date_format == "%Y-%m-%d":
        shape = literal(r"\d{4}-\d{2}-\d{2}")
        return (
            f"try_cast({text} as date)",
            f"regexp_full_match({text}, {shape}) and {value} is not null",
        )
    # strptime is lenient on widths; writing the date again shows whether it read what stood there
    moment = f"try_strptime({text}, {literal(date_format)})"
    return f"cast({moment} as date)", f"strftime({value}, {literal(date_format)}) = {text}"


def _timestamp(mapping: Mapping, text: str, value: str) -> tuple[str, str]:
    """A moment as naive UTC; text without an offset is in the mapping's time zone."""
    zone = literal(mapping.time_zone)
    if mapping.timestamp_format != "iso":
        local, shaped = _local_moment(mapping, text)
        if "%z" in mapping.timestamp_format:
            return f"timezone('UTC', {local})", f"{value} is not null"
        return f"timezone('UTC', timezone({zone}, {local}))", shaped
    # The session's zone is UTC, so this cast is right for text with an offset and for UTC text.
    # timezone('UTC', ...) says the same, through ICU, at four times the cost.
    moment = f"make_timestamp(epoch_us(try_cast({text} as timestamptz)))"
    if mapping.time_zone != "UTC":
        has_offset = f"regexp_matches({text}, {literal(OFFSET + '$')})"
        naive = f"timezone('UTC', timezone({zone}, try_cast({text} as timestamp)))"
        moment = f"case when {has_offset} then {moment} else {naive} end"
    shape = literal(f"{ISO_TIMESTAMP}{OFFSET}?")
    return moment, f"regexp_full_match({text}, {shape}) and {value} is not null"


def _local_moment(mapping: Mapping, text: str) -> tuple[str, str]:
    """A moment as it is written, without any zone, and whether it is written so."""
    if mapping.timestamp_format == EXCEL_SERIAL:
        seconds = f"round(try_cast({text} as double) * 86400)"
        moment = f"timestamp '1899-12-30' + to_seconds(cast({seconds} as bigint))"
        return moment, f"regexp_full_match({text}, '[1-9]\\d{{2,5}}(\\.\\d+)?')"
    form = literal(mapping.timestamp_format)
    moment = f"try_strptime({text}, {form})"
    return moment, f"strftime({moment}, {form}) = {text}"


def is_on_the_clock(mapping: Mapping, text: str, value: str) -> str:
    """Whether the local time was on the clock at all: an hour of spring is not."""
    if "%z" in mapping.timestamp_format:
        return "true"
    back = f"timezone({literal(mapping.time_zone)}, timezone('UTC', {value}))"
    if mapping.timestamp_format != "iso":
        return f"{back} = {_local_moment(mapping, text)[0]}"
    has_offset = f"regexp_matches({text}, {literal(OFFSET + '$')})"
    return f"({has_offset} or {back} = try_cast({text} as timestamp))"
