"""From text to typed values, strictly: nothing is rounded, shifted or guessed.

Each function returns SQL over the columns of `reader.py`. A plain cast would be shorter and wrong:
DuckDB reads 1.5 as the integer 2, 19.999 as DECIMAL(10,2) 20.00, and drops a time zone's offset.
"""

from collections.abc import Container
from dataclasses import replace

from pipelines.feeds.contract import DECIMAL, Column, Contract
from pipelines.feeds.conversion import kept_value, with_rate
from pipelines.feeds.mapping import BusinessDay, Mapping
from pipelines.feeds.parsed import ParsedColumn, text_of, value_of
from pipelines.feeds.text_rules import normalised, text_rules
from pipelines.feeds.value_shapes import is_on_the_clock, typed_value
from pipelines.sql import literal, quote

FIRST_TRADING_DAY = "1990-01-01"


def parse_columns(
    contract: Contract,
    mapping: Mapping,
    file_columns: dict[str, str],
    proven: Container[str] = (),
) -> list[ParsedColumn]:
    """All columns of a contract, in its order.

    Args:
        contract: The feed's contract.
        mapping: The retailer's words for it.
        file_columns: The file's own column -> its type as DuckDB reads it (`varchar` for text).
        proven: Of these, those that are read with their contract's type, and whose texts are
            known to have the declared shape, see `line_shape`.
    """
    own_of = {name: own for own, name in mapping.mapped.items() if own in file_columns}
    parsed = []
    for column in contract.columns:
        if mapping.business_day and column.name == contract.dates[0]:
            found = _business_day(column.name, mapping.business_day)
        elif column.name in own_of:
            own = own_of[column.name]
            kind = file_columns[own].lower()
            found = _parse(contract, column, mapping, quote(own), kind, own in proven)
        elif column.name in mapping.constants:
            constant = literal(mapping.constants[column.name])
            found = _parse(contract, column, mapping, constant, "varchar")
        elif column.name in mapping.placeholders:
            found = _from_file_name(column)
        else:
            found = _absent(column)
        is_told_twice = column.name in mapping.placeholders and (
            column.name in own_of or found.derived is not None
        )
        if column.name == contract.dates[0] and contract.source == "pos":
            found = _within_window(column, found)
        if column.on_business_day and not _tells_the_day(mapping, column):
            found = _by_the_clock(contract, mapping, column, found)
        found = with_rate(contract, mapping, found)
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


def _tells_the_day(mapping: Mapping, column: Column) -> bool:
    """Whether the business date is made from the column, and so cannot contradict it."""
    return mapping.business_day is not None and mapping.business_day.column == column.name


def _by_the_clock(
    contract: Contract, mapping: Mapping, column: Column, parsed: ParsedColumn
) -> ParsedColumn:
    """A till's moment lies near its business date, which in UTC begins and ends a day apart."""
    moment, day = value_of(column.name), value_of(contract.dates[0])
    first, end = 1 + mapping.clock_days, 2 + mapping.clock_days
    holds = f"({moment} >= {day} - {first} and {moment} < {day} + {end})"
    message = (
        f"{literal(column.name + ': ')} || cast({moment} as varchar) || {literal(' is not near ')} "
        f"|| cast({day} as varchar) || {literal(': is the clock right?')}"
    )
    return replace(
        parsed,
        is_sound=f"(({parsed.is_sound}) and coalesce({holds}, true))",
        reason=f"coalesce({parsed.reason}, case when not {holds} then {message} end)",
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


def _parse(
    contract: Contract,
    column: Column,
    mapping: Mapping,
    source: str,
    source_type: str,
    is_proven: bool = False,
) -> ParsedColumn:
    """A column from a text or typed source column, with every rule of the contract."""
    text, value = text_of(column.name), value_of(column.name)
    kept = kept_value(contract, mapping, column)
    if is_proven:
        source_text, read, shaped = source, text, "true"
    elif _is_exact(source_type, column):
        source_text, read, shaped = source, f"cast({text} as {column.duckdb_type})", "true"
    else:
        source_text = _trimmed(f"cast({source} as varchar)")
        if steps := mapping.normalise.get(column.name):
            source_text = normalised(source_text, steps)
        read, shaped = typed_value(column, mapping, text, value)
    if column.default is not None:
        read = f"coalesce({read}, {literal(column.default)})"
    rules = [(shaped, f"is not {_shape_in_words(column, mapping)}")]
    if kept != value:
        rules.append((f"{kept} is not null", f"is too large in {mapping.reporting_currency}"))
    if column.allowed and not is_proven:
        words = ", ".join(literal(word) for word in column.allowed)
        rules.append((f"{value} in ({words})", f"is none of {', '.join(column.allowed)}"))
    if column.minimum is not None:
        rules.append((f"{kept} >= {column.minimum:.15g}", f"is below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append((f"{kept} <= {column.maximum:.15g}", f"is above {column.maximum:g}"))
    if column.type == "timestamp" and source_type == "varchar" and mapping.time_zone != "UTC":
        words = f"was skipped when the clocks of {mapping.time_zone} went forward"
        rules.append((is_on_the_clock(mapping, text, value), words))
    rules = [(rule, words) for rule, words in rules if rule != "true"]
    may_be_blank = not column.required or column.default is not None
    shown = f"'{column.name}: ' || chr(39) || left(cast({text} as varchar), 40) || chr(39) || ' '"
    # Where people are named, a row whose fields are shifted has a name in any column.
    if column.personal_data != "none" or contract.names_people:
        shown = f"'{column.name}: a value that '"
    # A value that may hold a card number is not shown, and its rule comes first.
    hidden = []
    if column.type == "text" and not (is_proven and column.allowed):
        hidden = text_rules(column, text, mapping, is_readable=is_proven)
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
        kept=kept,
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


def _shape_in_words(column: Column, mapping: Mapping) -> str:
    if column.type == "date":
        return f"a date written {mapping.date_format}"
    if column.type == "timestamp":
        return f"a moment written {mapping.timestamp_format}"
    if column.type in ("integer", "boolean"):
        return f"an {column.type}" if column.type == "integer" else "yes or no"
    return f"a {column.type} with decimal {mapping.decimal_separator!r}"
