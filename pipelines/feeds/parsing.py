"""From text to typed values, strictly: nothing is rounded, shifted or guessed.

Each function returns SQL over the columns of `reader.py`. A plain cast would be shorter and wrong:
DuckDB reads 1.5 as the integer 2, 19.999 as DECIMAL(10,2) 20.00, and drops a time zone's offset.
"""

from dataclasses import dataclass, replace

from pipelines.feeds.contract import DECIMAL, Column, Contract
from pipelines.feeds.mapping import EXCEL_SERIAL, BusinessDay, Mapping
from pipelines.feeds.text_rules import normalised, text_rules
from pipelines.sql import literal, quote

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")

FIRST_TRADING_DAY = "1990-01-01"

ISO_TIMESTAMP = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"


THOUSANDS_MARKS = {".": r"\.", ",": ",", " ": r" \x{A0}\x{202F}", "'": r"'\x{2019}"}
"""Declared mark -> what stands for it in print: narrow and hard blanks, the curly apostrophe."""


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
    """

    name: str
    text: str
    value: str | None
    derived: str | None = None
    is_sound: str = "true"
    reason: str = "null"


def parse_columns(
    contract: Contract, mapping: Mapping, file_columns: dict[str, str]
) -> list[ParsedColumn]:
    """All columns of a contract, in its order.

    Args:
        contract: The feed's contract.
        mapping: The retailer's words for it.
        file_columns: The file's own column -> its type as DuckDB reads it (`varchar` for text).
    """
    own_of = {name: own for own, name in mapping.mapped.items() if own in file_columns}
    parsed = []
    for column in contract.columns:
        if mapping.business_day and column.name == contract.dates[0]:
            found = _business_day(column.name, mapping.business_day)
        elif column.name in own_of:
            own = own_of[column.name]
            found = _parse(column, mapping, quote(own), file_columns[own].lower())
        elif column.name in mapping.constants:
            found = _parse(column, mapping, literal(mapping.constants[column.name]), "varchar")
        elif column.name in mapping.placeholders:
            found = _from_file_name(column)
        else:
            found = _absent(column)
        is_told_twice = column.name in mapping.placeholders and (
            column.name in own_of or found.derived is not None
        )
        if column.name == contract.dates[0] and contract.source == "pos":
            found = _within_window(column, found)
        parsed.append(_agreeing_with_file_name(column, found) if is_told_twice else found)
    if all(contract.column(name).type == "text" for name in own_of):
        parsed = [_unlike_header(column, own_of) for column in parsed]
    return parsed


def _within_window(column: Column, parsed: ParsedColumn) -> ParsedColumn:
    """A till sells nothing before 1990 nor in days to come: there its clock is wrong."""
    value = value_of(column.name)
    holds = f"{value} between date '{FIRST_TRADING_DAY}' and current_date + 1"
    message = literal(f" lies before {FIRST_TRADING_DAY} or in the future: is the clock right?")
    return replace(
        parsed,
        is_sound=f"(({parsed.is_sound}) and coalesce({holds}, true))",
        reason=f"coalesce({parsed.reason}, case when not ({holds}) then "
        f"'{column.name}: ' || cast({value} as varchar) || {message} end)",
    )


def _unlike_header(parsed: ParsedColumn, own_of: dict[str, str]) -> ParsedColumn:
    """Where all columns are text, nothing but its words tells a repeated header from a row."""
    if parsed.name != next(iter(own_of), None):
        return parsed
    is_header = " and ".join(
        f"coalesce({text_of(name)} = {literal(own)}, false)" for name, own in own_of.items()
    )
    message = literal(f"{parsed.name}: the header stands here again")
    return replace(
        parsed,
        is_sound=f"(({parsed.is_sound}) and not ({is_header}))",
        reason=f"coalesce({parsed.reason}, case when {is_header} then {message} end)",
    )


def _absent(column: Column) -> ParsedColumn:
    default = "null" if column.default is None else literal(column.default)
    return ParsedColumn(
        name=column.name, text="null", value=f"cast({default} as {column.duckdb_type})"
    )


def _in_file_name(column: Column) -> str:
    return f"cast({quote('_name_' + column.name)} as {column.duckdb_type})"


def _from_file_name(column: Column) -> ParsedColumn:
    return ParsedColumn(name=column.name, text="null", value=_in_file_name(column))


def _agreeing_with_file_name(column: Column, parsed: ParsedColumn) -> ParsedColumn:
    """A column that both the rows and the file name tell: they must say the same."""
    value, named = value_of(column.name), _in_file_name(column)
    message = (
        f"{literal(column.name + ': ')} || coalesce(cast({value} as varchar), 'nothing')"
        f" || ' is not ' || cast({named} as varchar) || ', which the file name says'"
    )
    return replace(
        parsed,
        is_sound=f"(({parsed.is_sound}) and {value} is not distinct from {named})",
        reason=(
            f"coalesce({parsed.reason}, "
            f"case when {value} is distinct from {named} then {message} end)"
        ),
    )


def _business_day(name: str, rule: BusinessDay) -> ParsedColumn:
    """The trading day of a moment: local date, where a day begins at the cut-over hour."""
    moment = value_of(rule.column)
    local = f"timezone({literal(rule.time_zone)}, timezone('UTC', {moment}))"
    message = literal(f"{name}: follows from {rule.column}, which is blank")
    return ParsedColumn(
        name=name,
        text="null",
        value=None,
        derived=f"cast({local} - interval {rule.cut_over_hour} hour as date)",
        is_sound=f"({moment} is not null)",
        reason=f"case when {moment} is null then {message} end",
    )


def _parse(column: Column, mapping: Mapping, source: str, source_type: str) -> ParsedColumn:
    """A column from a text or typed source column, with every rule of the contract."""
    text, value = text_of(column.name), value_of(column.name)
    if _is_exact(source_type, column):
        source_text, read, shaped = source, f"cast({text} as {column.duckdb_type})", "true"
    else:
        source_text = _trimmed(f"cast({source} as varchar)")
        if steps := mapping.normalise.get(column.name):
            source_text = normalised(source_text, steps)
        read, shaped = _typed(column, mapping, text, value)
    if column.default is not None:
        read = f"coalesce({read}, {literal(column.default)})"
    rules = [(shaped, f"is not {_shape_in_words(column, mapping)}")]
    if column.allowed:
        words = ", ".join(literal(word) for word in column.allowed)
        rules.append((f"{value} in ({words})", f"is none of {', '.join(column.allowed)}"))
    if column.minimum is not None:
        rules.append((f"{value} >= {column.minimum:g}", f"is below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append((f"{value} <= {column.maximum:g}", f"is above {column.maximum:g}"))
    if column.type == "timestamp" and source_type == "varchar" and mapping.time_zone != "UTC":
        words = f"was skipped when the clocks of {mapping.time_zone} went forward"
        rules.append((_exists(mapping, text, value), words))
    rules = [(rule, words) for rule, words in rules if rule != "true"]
    may_be_blank = not column.required or column.default is not None
    shown = f"'{column.name}: ' || chr(39) || left(cast({text} as varchar), 40) || chr(39) || ' '"
    if column.personal_data != "none":
        shown = f"'{column.name}: a value that '"
    # A value that may hold a card number is not shown, and its rule comes first.
    hidden = text_rules(column, text, mapping) if column.type == "text" else []
    cases = " ".join(
        [f"when not {rule} then {literal(f'{column.name}: {words}')}" for rule, words in hidden]
        + [
            f"when not coalesce({rule}, false) then {shown} || {literal(words)}"
            for rule, words in rules
        ]
    )
    keeps_rules = " and ".join(rule for rule, _ in [*hidden, *rules]) or "true"
    missing = "null" if may_be_blank else literal(f"{column.name}: is blank")
    return ParsedColumn(
        name=column.name,
        text=source_text,
        value=read,
        is_sound=f"coalesce({text} is null or ({keeps_rules}), false)"
        if may_be_blank
        else f"coalesce({text} is not null and {keeps_rules}, false)",
        reason=f"case when {text} is null then {missing} {cases} end",
    )


def _trimmed(text: str) -> str:
    """Text without spaces around it, NULL when blank; few texts have any, and trim is slow."""
    return (
        f"nullif(case when prefix({text}, ' ') or suffix({text}, ' ') "
        f"then trim({text}) else {text} end, '')"
    )


def _is_exact(source_type: str, column: Column) -> bool:
    """Whether a typed source (Parquet) fits the contract's type without loss."""
    if source_type == "varchar":
        return False
    if column.type == "integer":
        return source_type in ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint")
    if column.type in ("date", "boolean"):
        return source_type == column.type
    if column.type == "timestamp":
        return source_type == "timestamp with time zone"
    contract, delivered = DECIMAL.fullmatch(column.type), DECIMAL.fullmatch(source_type)
    if contract and delivered:
        whole = int(contract[1]) - int(contract[2])
        return (
            int(delivered[2]) <= int(contract[2]) and int(delivered[1]) - int(delivered[2]) <= whole
        )
    return bool(contract) and source_type in ("tinyint", "smallint", "integer")


def _typed(column: Column, mapping: Mapping, text: str, value: str) -> tuple[str, str]:
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


def _exists(mapping: Mapping, text: str, value: str) -> str:
    """Whether the local time was on the clock at all: an hour of spring is not."""
    if "%z" in mapping.timestamp_format:
        return "true"
    back = f"timezone({literal(mapping.time_zone)}, timezone('UTC', {value}))"
    if mapping.timestamp_format != "iso":
        return f"{back} = {_local_moment(mapping, text)[0]}"
    has_offset = f"regexp_matches({text}, {literal(OFFSET + '$')})"
    return f"({has_offset} or {back} = try_cast({text} as timestamp))"


def _shape_in_words(column: Column, mapping: Mapping) -> str:
    if column.type == "date":
        return f"a date written {mapping.date_format}"
    if column.type == "timestamp":
        return f"a moment written {mapping.timestamp_format}"
    if column.type in ("integer", "boolean"):
        return f"an {column.type}" if column.type == "integer" else "yes or no"
    return f"a {column.type} with decimal {mapping.decimal_separator!r}"
