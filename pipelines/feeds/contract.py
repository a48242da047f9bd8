"""Feed contracts: what a feed's rows are, whatever till system they come from.

A contract is a YAML file in `contracts/`. What a retailer's own file looks like is the mapping's
business, see `mapping.py`.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.faults import in_words

CONTRACTS = Path(__file__).parent / "contracts"

DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")

PersonalData = Literal[
    "none", "pseudonym", "name", "contact", "address", "quasi_identifier", "health"
]
"""How near a column is to a person; `name`, `contact` and `address` never leave raw.duckdb."""


class Column(BaseModel):
    """One column of a contract, with its type and the rules a value must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: str
    description: str
    key: bool = False
    required: bool = True
    allowed: tuple[str, ...] = ()
    default: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    personal_data: PersonalData = "none"
    on_business_day: bool = False
    """True for a moment by the till's clock, which lies on the row's business date or beside it."""
    refers_to: Literal["customer", "employee", "card"] | None = None
    """Whom a pseudonym stands for: who erases a customer must know where customers are named."""

    @model_validator(mode="after")
    def _know_type(self) -> "Column":
        if self.type not in _DUCKDB_TYPES and not DECIMAL.fullmatch(self.type):
            raise ValueError(f"column {self.name}: type {self.type!r} is not known")
        if (self.personal_data == "pseudonym") != (self.refers_to is not None):
            raise ValueError(f"column {self.name}: a pseudonym, and nothing else, has refers_to")
        return self

    @property
    def duckdb_type(self) -> str:
        """The type of the column in `feeds.<feed>`."""
        return _DUCKDB_TYPES.get(self.type, self.type)


_DUCKDB_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}


class Conversion(BaseModel):
    """The columns of a row that turn its amounts into the reporting currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    rate: str
    """Reporting currency per unit of the currency, on the day of the row."""
    amounts: tuple[str, ...] = Field(min_length=1)


class Contract(BaseModel):
    """One feed: grain, key, columns and what depends on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed: str
    title: str
    description: str
    grain: str
    source: Literal["pos", "crm", "master", "stock", "service", "finance", "partner"]
    required: bool
    may_be_empty: bool = False
    dates: tuple[str, ...] = Field(min_length=1, max_length=2)
    """The column that dates a row, or the first and last day that a row spans."""
    rebuilds_days: bool = False
    """True when the facts of a business date are made from this feed's rows of that date."""
    corrected_by: tuple[str, ...] = ()
    """What a correction replaces as a whole: key columns, such as those of a receipt."""
    conversion: Conversion | None = None
    retention: str | None = None
    """What its rows expire with, by the name that the seed `retention` has for it; None where rows
    do not expire, since later ones build on them."""
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _hold_together(self) -> "Contract":
        names = [column.name for column in self.columns]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"feed {self.feed}: column {repeated[0]} stands there twice")
        if missing := [date for date in self.dates if date not in names]:
            raise ValueError(f"feed {self.feed}: dates names {missing[0]}, which is no column")
        if self.dates[0] not in self.key:
            raise ValueError(f"feed {self.feed}: {self.dates[0]} dates the rows, so it is key too")
        if self.conversion:
            named = {self.conversion.currency, self.conversion.rate, *self.conversion.amounts}
            if missing := sorted(named - set(names)):
                raise ValueError(f"feed {self.feed}: conversion names {missing[0]}, no column")
        if self.corrected_by and not {self.dates[0]} <= set(self.corrected_by) <= set(self.key):
            raise ValueError(
                f"feed {self.feed}: corrected_by holds key columns, {self.dates[0]} among them"
            )
        return self

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row, in contract order."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def table(self) -> str:
        """The table of the feed's rows, in raw.duckdb."""
        return f"feeds.{self.feed}"

    @property
    def is_dated_extract(self) -> bool:
        """True for master data taken on a date, false for events."""
        return self.dates[0].startswith("extract_")

    @property
    def customer_columns(self) -> tuple[Column, ...]:
        """The columns that refer to a customer."""
        return tuple(column for column in self.columns if column.refers_to == "customer")

    @property
    def card_columns(self) -> tuple[Column, ...]:
        """The columns that refer to a payment card, and so to whoever pays with it."""
        return tuple(column for column in self.columns if column.refers_to == "card")

    @property
    def record_column(self) -> Column | None:
        """The key that names a customer within its source system, where the rows are records."""
        return next((c for c in self.customer_columns if c.name == "source_customer_id"), None)

    @property
    def names_people(self) -> bool:
        """True when a column holds what names, reaches or locates a person."""
        return any(
            column.personal_data in ("name", "contact", "address") for column in self.columns
        )

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: When the contract has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"feed {self.feed} has no column {name}")


@cache
def load_contracts(directory: Path = CONTRACTS) -> dict[str, Contract]:
    """All contracts by feed name.

    Raises:
        ValueError: When a contract does not hold together; the message names the file.
    """
    contracts = {}
    for path in sorted(directory.glob("*.yml")):
        try:
            contract = Contract.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"contract {path.name}: {in_words(error)}") from error
        contracts[contract.feed] = contract
    return contracts
