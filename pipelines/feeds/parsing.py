"""From text to typed values, strictly: nothing is rounded, shifted or guessed.

Each function returns SQL over the columns of `reader.py`. A plain cast would be shorter and wrong:
DuckDB reads 1.5 as the integer 2, 19.999 as DECIMAL(10,2) 20.00, and drops a time zone's offset.
"""

from dataclasses import dataclass

from pipelines.feeds.contract import DECIMAL, Column, Contract
from pipelines.feeds.mapping import BusinessDay, Mapping
from pipelines.sql import literal, quote

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")

ISO_TIMESTAMP = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
OFFSET = r"(Z|[+-]\d{2}:?\d{2})"


@dataclass(frozen=True, kw_only=True)
class ParsedColumn:
    """One contract column as SQL.

    Attributes:
        name: Contract column.
        value: Typed value; NULL where the text cannot be read.
        reason: NULL when the value keeps the contract, else words that name column, text and rule.
        is_sound: True when the value keeps the contract; cheaper than `reason`.
    """

    name: str
    value: str
    reason: str
    is_sound: str


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
    parsed = {}
    for column in contract.columns:
        if column.name in own_of:
            own = own_of[column.name]
            parsed[column.name] = _parse(column, mapping, quote(own), file_columns[own].lower())
        elif column.name in mapping.constants:
            source = literal(mapping.constants[column.name])
            parsed[column.name] = _parse(column, mapping, source, "varchar")
        elif column.name in mapping.placeholders:
            parsed[column.name] = _from_file_name(column)
        else:
            parsed[column.name] = _absent(column)
    if mapping.business_day:
        name = contract.dates[0]
        parsed[name] = _business_day(name, mapping.business_day, parsed)
    for name in mapping.placeholders:
        parsed[name] = _agreeing_with_file_name(contract.column(name), parsed[name])
    return [parsed[column.name] for column in contract.columns]


def _absent(column: Column) -> ParsedColumn:
    default = "null" if column.default is None else literal(column.default)
    return ParsedColumn(
        name=column.name,
        value=f"cast({default} as {column.duckdb_type})",
        reason="null",
        is_sound="true",
    )


def _from_file_name(column: Column) -> ParsedColumn:
    return ParsedColumn(
        name=column.name,
        value=f"cast({_name_column(column)} as {column.duckdb_type})",
        reason="null",
        is_sound="true",
    )


def _name_column(column: Column) -> str:
    return quote(f"_name_{column.name}")


def _agreeing_with_file_name(column: Column, parsed: ParsedColumn) -> ParsedColumn:
    """A column that both the rows and the file name tell: they must say the same."""
    named = f"cast({_name_column(column)} as {column.duckdb_type})"
    if parsed.value == named:
        return parsed
    differs = f"({parsed.value}) is distinct from {named}"
    message = literal(f"{column.name}: ") + (
        f" || coalesce(cast({parsed.value} as varchar), 'nothing')"
        f" || ' is not ' || cast({named} as varchar) || ', which the file name says'"
    )
    return ParsedColumn(
        name=column.name,
        value=parsed.value,
        reason=f"coalesce({parsed.reason}, case when {differs} then {message} end)",
        is_sound=f"({parsed.is_sound}) and not ({differs})",
    )


def _business_day(name: str, rule: BusinessDay, parsed: dict[str, ParsedColumn]) -> ParsedColumn:
    """The trading day of a moment: local date, where a day begins at the cut-over hour."""
    moment = parsed[rule.column]
    local = f"timezone({literal(rule.time_zone)}, timezone('UTC', {moment.value}))"
    value = f"cast({local} - interval {rule.cut_over_hour} hour as date)"
    message = literal(f"{name}: follows from {rule.column}, which is blank")
    return ParsedColumn(
        name=name,
        value=value,
        reason=f"case when {moment.value} is null then {message} end",
        is_sound=f"({moment.value}) is not null",
    )


def _parse(column: Column, mapping: Mapping, source: str, source_type: str) -> ParsedColumn:
    """A column from a text or typed source column, with every rule of the contract."""
    if _is_exact(source_type, column):
        text, shaped = source, "true"
        value = f"cast({source} as {column.duckdb_type})"
    else:
        text = f"nullif(trim(cast({source} as varchar)), '')"
        value, shaped = _typed(column, mapping, text)
    blank = f"{text} is null"
    if column.default is not None:
        value = f"coalesce({value}, {literal(column.default)})"
    rules = [(shaped, f"is not {_shape_in_words(column, mapping)}")]
    if column.allowed:
        words = ", ".join(literal(word) for word in column.allowed)
        rules.append((f"{value} in ({words})", f"is none of {', '.join(column.allowed)}"))
    if column.minimum is not None:
        rules.append((f"{value} >= {column.minimum:g}", f"is below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append((f"{value} <= {column.maximum:g}", f"is above {column.maximum:g}"))
    may_be_blank = not column.required or column.default is not None
    sound = " and ".join(f"({rule})" for rule, _ in rules if rule != "true") or "true"
    is_sound = f"({blank} or ({sound}))" if may_be_blank else f"coalesce({sound}, false)"
    if not may_be_blank:
        is_sound = f"({text} is not null and {is_sound})"
    shown = f"'{column.name}: ''' || left(cast({text} as varchar), 40) || ''' '"
    if column.personal_data != "none":
        shown = f"'{column.name}: a value that '"
    cases = " ".join(
        f"when not coalesce({rule}, false) then {shown} || {literal(words)}"
        for rule, words in rules
        if rule != "true"
    )
    missing = "null" if may_be_blank else literal(f"{column.name}: is blank")
    reason = f"case when {blank} then {missing} {cases} end"
    return ParsedColumn(name=column.name, value=value, reason=reason, is_sound=is_sound)


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


def _typed(column: Column, mapping: Mapping, text: str) -> tuple[str, str]:
    """Typed value of a text, and whether the text has the declared shape."""
    if column.type == "text":
        return text, "true"
    if column.type == "boolean":
        lower = f"lower({text})"
        yes, no = (", ".join(map(literal, words)) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"({lower} in ({yes}))", f"{lower} in ({yes}, {no})"
    if column.type == "date":
        return _date(mapping.date_format, text)
    if column.type == "timestamp":
        return _timestamp(mapping, text)
    return _number(column, mapping, text)


def _number(column: Column, mapping: Mapping, text: str) -> tuple[str, str]:
    """Integers and decimals in the declared locale; more decimals than the contract are refused."""
    decimal = DECIMAL.fullmatch(column.type)
    digits, scale = (int(decimal[1]), int(decimal[2])) if decimal else (18, 0)
    whole = rf"\d{{1,{digits - scale}}}"
    plain = text
    if mapping.thousands_separator:
        mark = _escaped(mapping.thousands_separator)
        whole = rf"(\d{{1,3}}({mark}\d{{3}})+|{whole})"
        plain = f"replace({plain}, {literal(mapping.thousands_separator)}, '')"
    if mapping.decimal_separator != ".":
        plain = f"replace({plain}, {literal(mapping.decimal_separator)}, '.')"
    point = _escaped(mapping.decimal_separator)
    fraction = rf"({point}\d{{0,{scale}}}0*)?" if decimal else rf"({point}0+)?"
    shape = literal(rf"[+-]?{whole}{fraction}")
    value = f"try_cast({plain} as {column.duckdb_type})"
    return value, f"regexp_full_match({text}, {shape})"


def _date(date_format: str, text: str) -> tuple[str, str]:
    if date_format == "%Y-%m-%d":
        value = f"try_cast({text} as date)"
        shape = literal(r"\d{4}-\d{2}-\d{2}")
        return value, f"regexp_full_match({text}, {shape}) and {value} is not null"
    moment = f"try_strptime({text}, {literal(date_format)})"
    # strptime is lenient on widths; writing the date again shows whether it read what stood there
    return f"cast({moment} as date)", f"strftime({moment}, {literal(date_format)}) = {text}"


def _timestamp(mapping: Mapping, text: str) -> tuple[str, str]:
    """A moment as naive UTC; text without an offset is in the mapping's time zone."""
    zone = literal(mapping.time_zone)
    if mapping.timestamp_format != "iso":
        form = literal(mapping.timestamp_format)
        local = f"try_strptime({text}, {form})"
        value = f"timezone('UTC', timezone({zone}, {local}))"
        return value, f"strftime({local}, {form}) = {text}"
    with_offset = f"regexp_full_match({text}, {literal(ISO_TIMESTAMP + OFFSET)})"
    moment = f"timezone('UTC', try_cast({text} as timestamptz))"
    naive = f"try_cast({text} as timestamp)"
    local = naive if mapping.time_zone == "UTC" else f"timezone('UTC', timezone({zone}, {naive}))"
    value = f"case when {with_offset} then {moment} else {local} end"
    shape = literal(f"{ISO_TIMESTAMP}{OFFSET}?")
    return value, f"regexp_full_match({text}, {shape}) and {naive} is not null"


def _shape_in_words(column: Column, mapping: Mapping) -> str:
    if column.type == "date":
        return f"a date written {mapping.date_format}"
    if column.type == "timestamp":
        return f"a moment written {mapping.timestamp_format}"
    if column.type in ("integer", "boolean"):
        return f"an {column.type}" if column.type == "integer" else "yes or no"
    return f"a {column.type} with decimal {mapping.decimal_separator!r}"


def _escaped(character: str) -> str:
    return rf"\{character}" if character in ".'" else character
