"""Where the generated files of a retailer lie, and when its nights are."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

NIGHT_DATE = date(2026, 1, 15)
"""The day after the data, an end of nothing; a year before it fiscal year 2025 begins in them."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Where the files of a retailer lie.

    Attributes:
        landing: A landing directory with all files before the night.
        nights: Landing directories by date, each with the sales of one day after these files alone.
        mappings: The retailer's mappings.
        first_date: First business date.
        night_date: Business date of the first night.
    """

    landing: Path
    nights: Path
    mappings: Path
    first_date: date
    night_date: date

    def night(self, business_date: date) -> Path:
        """The landing directory of one night."""
        return self.nights / business_date.isoformat()


def delivery_in(directory: Path, days: int = 365) -> Delivery:
    """The places of a delivery below a directory, whether or not it was written."""
    return Delivery(
        landing=directory / "landing",
        nights=directory / "nights",
        mappings=directory / "mappings",
        first_date=NIGHT_DATE - timedelta(days=days),
        night_date=NIGHT_DATE,
    )
