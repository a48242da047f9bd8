"""Foreign money: amounts are kept in the reporting currency, by the rate that their row carries."""

from dataclasses import replace

from pipelines.feeds.contract import DECIMAL, Column, Contract
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parsed import ParsedColumn, value_of
from pipelines.sql import literal


def kept_value(contract: Contract, mapping: Mapping, column: Column) -> str:
    """The value of a column as it is kept, as SQL over the values of its row.

    Half a unit of the last decimal is rounded away from zero; what the type cannot hold is NULL. An
    amount without a rate stands as delivered; its row is not sound, see `with_rate`.
    """
    value, rule, decimal = (
        value_of(column.name),
        contract.conversion,
        DECIMAL.fullmatch(column.type),
    )
    if not (rule and mapping.reporting_currency and decimal and column.name in rule.amounts):
        return value
    rate = value_of(rule.rate)
    # DuckDB multiplies decimals of 18 digits in 18 digits, unless one of them is wider.
    product = f"round(cast({value} as decimal(38, {decimal[2]})) * {rate}, {decimal[2]})"
    return (
        f"case when {_is_foreign(rule.currency, mapping)} and {rate} > 0 "
        f"then try_cast({product} as {column.type}) else {value} end"
    )


def with_rate(contract: Contract, mapping: Mapping, parsed: ParsedColumn) -> ParsedColumn:
    """The column of the currency with its rule: money of another currency needs a rate."""
    rule = contract.conversion
    if not (rule and mapping.reporting_currency and parsed.name == rule.currency):
        return parsed
    has_rate = f"coalesce({value_of(rule.rate)} > 0, false)"
    lacks_rate = f"({_is_foreign(rule.currency, mapping)} and not {has_rate})"
    message = (
        f"{literal(f'{rule.currency}: ')} || chr(39) || {value_of(rule.currency)} || chr(39) || "
        + literal(f" is not {mapping.reporting_currency}, and {rule.rate} gives no rate for it")
    )
    return replace(
        parsed,
        is_sound=f"(({parsed.is_sound}) and not {lacks_rate})",
        reason=f"coalesce({parsed.reason}, case when {lacks_rate} then {message} end)",
    )


def _is_foreign(currency: str, mapping: Mapping) -> str:
    return f"coalesce(upper({value_of(currency)}) <> {literal(mapping.reporting_currency)}, false)"
