"""Numbers and dates as a reader sees them. Pure functions; no SQL, no markup."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

MISSING = "–"
"""Shown where there is no value. Never a zero: a zero is a statement."""

Number = int | float | Decimal

_UNITS: tuple[tuple[float, tuple[int, str]], ...] = (
    (999.5, (1, "")),
    (999_500, (1_000, "k")),
    (999_500_000, (1_000_000, "M")),
)
"""Upper limit, then divisor and unit, of short amounts; the limits round up into the next one."""


@dataclass(frozen=True, kw_only=True)
class NumberFormat:
    """How amounts are written.

    Attributes:
        currency_symbol: put before every amount; empty when the setting names none, because a
            warehouse that was told no currency must not invent one.
    """

    currency_symbol: str = ""

    def money(self, amount: Number | None, decimals: int = 0) -> str:
        """An amount with thousands separators, in reporting currency."""
        if amount is None:
            return MISSING
        digits = f"{abs(amount):,.{decimals}f}"
        # What rounds to zero has no sign.
        sign = "−" if amount < 0 and digits.strip("0.") else ""
        return f"{sign}{self.currency_symbol}{digits}"

    def short_money(self, amount: Number | None) -> str:
        """An amount in at most five characters, for cells of a chart: 412, 8.1k, 93k, 1.2M."""
        if amount is None:
            return MISSING
        sign = "−" if float(amount) < 0 else ""
        value = abs(float(amount))
        divisor, unit = next(
            (step for limit, step in _UNITS if value < limit), (1_000_000_000, "B")
        )
        scaled = value / divisor
        decimals = 1 if unit and scaled < 9.95 else 0
        return f"{sign}{self.currency_symbol}{scaled:,.{decimals}f}{unit}"


def count(value: Number | None) -> str:
    """A whole number with thousands separators."""
    return MISSING if value is None else f"{value:,.0f}"


def rate(value: Number | None, decimals: int = 1) -> str:
    """A share of 0..1 as a percentage."""
    return MISSING if value is None else f"{value * 100:,.{decimals}f} %".replace("-", "−")


def signed_rate(value: Number | None, decimals: int = 1) -> str:
    """A change as a percentage, its direction always written."""
    if value is None:
        return MISSING
    return f"{value * 100:+,.{decimals}f} %".replace("-", "−")


def factor(value: Number | None) -> str:
    """A multiple such as a lift: 3.4 ×, without decimals from ten on."""
    if value is None:
        return MISSING
    return f"{value:,.1f} ×" if value < 10 else f"{value:,.0f} ×"


def day(value: date | None) -> str:
    """A date as 31 Dec 2017."""
    return MISSING if value is None else f"{value.day} {value:%b %Y}"


def month(value: date | None) -> str:
    """A month as Dec 2017."""
    return MISSING if value is None else f"{value:%b %Y}"


def day_range(first: date | None, last: date | None) -> str:
    """Two dates as a range; one date where both are the same."""
    if first is None or last is None:
        return MISSING
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def moment(value: datetime | date | str | None) -> str:
    """An instant of UTC to the minute; text is taken as it is."""
    if value is None:
        return MISSING
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value)


def share(part: Number | None, whole: Number | None) -> float | None:
    """Part of whole as 0..1; None when the whole is zero or either is missing."""
    if part is None or not whole:
        return None
    return float(part) / float(whole)
