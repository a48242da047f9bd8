"""A retailer's mapping: which files are which feed, and whose column is which.

A mapping is a YAML file in the home's `mappings/`. One feed may have several: one for each till
system that delivers it.
"""

import re
from collections.abc import Mapping as Dictionary
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.faults import in_words
from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.poslog_rows import ROWS_OF

PLACEHOLDER = re.compile(r"\{(\w+)\}")

EXCEL_SERIAL = "excel"
"""Declares dates or moments that are written as Excel's day numbers."""

EXCEL_EPOCH = datetime(1899, 12, 30)
"""Day 0 of Excel's day numbers, right from 1 March 1900 on."""

Normalisation = Literal["trim", "invisible", "nfkc", "upper"]
"""How a text key is made alike: without blanks around it, without characters of no width, in
Unicode's compatibility form (full-width digits become plain ones), in capitals."""


class MappingError(ValueError):
    """A mapping that cannot be used; the message names the file and the line of thought."""


class BusinessDay(BaseModel):
    """How the trading day follows from the moment of the sale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(alias="from", description="Contract column that holds the moment.")
    time_zone: str = Field(description="Zone of the stores, such as America/New_York.")
    cut_over_hour: int = Field(default=0, ge=0, le=12, description="Hour at which a day begins.")


class Mapping(BaseModel):
    """How one kind of file of the retailer's becomes rows of one feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    feed: str
    files: str = Field(description="Path below landing/, with * and {contract_column}.")
    format: Literal["csv", "jsonl", "parquet", "xlsx", "poslog"] = "csv"
    sheet: str | None = Field(default=None, description="Sheet of a workbook; else the first.")
    ready_when: Literal["settled", "done", "manifest"] = Field(
        default="settled",
        description="What says that a file is whole: rest, `<file>.done`, or a manifest.",
    )
    delivery: Literal["full", "delta"] = "full"
    columns: dict[str, str | None] = Field(
        default={}, description="The file's own column -> contract column."
    )
    new_columns: Literal["warn", "refuse"] = Field(
        default="warn", description="What to do with a file that has a column not named here."
    )
    without_checksum: Literal["warn", "refuse"] = Field(
        default="warn", description="What to do with a Parquet file that nothing proves whole."
    )
    constants: dict[str, str] = {}
    business_day: BusinessDay | None = None
    clock_days: int = Field(
        default=1, ge=0, description="Days that a till's clock may be wrong by."
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    decimal_separator: Literal[".", ","] = "."
    thousands_separator: Literal["", ".", ",", " ", "'"] = ""
    negative: Literal["leading", "trailing", "parentheses"] = Field(
        default="leading", description="How a number below zero is marked: -1, 1- or (1)."
    )
    currency_sign: str = Field(default="", description="Sign that may stand beside an amount.")
    reporting_currency: str = Field(
        default="",
        pattern=r"^([A-Z]{3})?$",
        description="ISO 4217 code in which amounts are kept; rows in another need a rate.",
    )
    date_format: str = "%Y-%m-%d"
    timestamp_format: str = "iso"
    time_zone: str = Field(default="UTC", description="Zone of moments that name no offset.")
    normalise: dict[str, tuple[Normalisation, ...]] = Field(
        default={}, description="Contract text column -> how its values are made alike."
    )
    own_numbers: tuple[str, ...] = Field(
        default=(),
        description="Contract columns whose long numbers are the retailer's own and no cards.",
    )

    @model_validator(mode="after")
    def _hold_together(self) -> "Mapping":
        contracts = load_contracts()
        if self.feed not in contracts:
            raise ValueError(f"feed {self.feed!r} is none of {', '.join(contracts)}")
        contract = contracts[self.feed]
        self._hold_format()
        known = {column.name for column in contract.columns}
        named = [*self.mapped.values(), *self.constants, *self.placeholders]
        named += [*self.normalise, *self.own_numbers]
        if self.business_day:
            named.append(self.business_day.column)
        for name in named:
            if name not in known:
                raise ValueError(f"feed {self.feed} has no column {name!r}")
        targets = list(self.mapped.values())
        for name in targets:
            if targets.count(name) > 1 or name in self.constants:
                raise ValueError(f"column {name!r} is filled twice")
        filled = {*targets, *self.constants, *self.placeholders}
        if self.business_day:
            filled.add(contract.dates[0])
        missing = [
            column.name
            for column in contract.columns
            if column.required and column.default is None and column.name not in filled
        ]
        if missing:
            raise ValueError(f"nothing fills the required column(s) {', '.join(missing)}")
        named_by = contract.conversion.currency if contract.conversion else None
        if named_by in filled and not self.reporting_currency:
            raise ValueError(
                f"{named_by!r} is filled: declare reporting_currency, the code that is not foreign"
            )
        for name in self.normalise:
            if contract.column(name).type != "text":
                raise ValueError(f"{name!r} is no text: only text columns are normalised")
        "".encode(self.encoding)
        ZoneInfo(self.time_zone)
        return self

    def _hold_format(self) -> None:
        if self.format == "poslog":
            if self.feed not in ROWS_OF:
                raise ValueError(f"POSLog fills {', '.join(ROWS_OF)}, not {self.feed}")
            if self.columns:
                raise ValueError("POSLog names its columns itself: leave `columns` out")
        elif not self.columns:
            raise ValueError("`columns` is missing")
        if self.sheet and self.format != "xlsx":
            raise ValueError("only a workbook has a `sheet`")
        if self.decimal_separator == self.thousands_separator:
            raise ValueError(f"{self.decimal_separator!r} marks both decimals and thousands")
        if "%Z" in self.timestamp_format:
            raise ValueError("names of time zones are ambiguous: deliver offsets, %z")

    @property
    def mapped(self) -> dict[str, str]:
        """The file's own column -> contract column, without the columns that are left out."""
        if self.format == "poslog":
            return {name: name for name in ROWS_OF[self.feed][0]}
        return {own: name for own, name in self.columns.items() if name is not None}

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Contract columns that the file name tells."""
        return tuple(PLACEHOLDER.findall(self.files))

    def as_read(self) -> Self:
        """The mapping of what the gate hands on: workbooks and POSLog have become CSV then."""
        if self.format not in ("xlsx", "poslog"):
            return self
        plain = {"format": "csv", "sheet": None, "delimiter": ",", "encoding": "utf-8"}
        return self.model_copy(update={**plain, "columns": self.mapped | self.left_out})

    @property
    def corrects(self) -> bool:
        """Whether its files hold corrections, which replace what other files say."""
        return self.delivery == "delta" and bool(self.contract().corrected_by)

    @property
    def left_out(self) -> dict[str, None]:
        """The file's own columns that the mapping leaves out on purpose."""
        return {own: None for own, name in self.columns.items() if name is None}

    def contract(self) -> Contract:
        """The contract of the mapping's feed."""
        return load_contracts()[self.feed]

    def match(self, file_name: str) -> dict[str, str] | None:
        """What a file's name below landing/ says, by contract column; None when it is not ours."""
        found = _pattern(self.files, self.feed).fullmatch(file_name)
        return found.groupdict() if found else None


@cache
def _pattern(files: str, feed: str) -> re.Pattern[str]:
    """The regular expression of a file pattern; a date is written 2026-11-21 or 20261121.

    Made once: years of landed files are held against each mapping every night.
    """
    contract = load_contracts()[feed]
    expression = ""
    for part in re.split(r"(\{\w+\}|\*)", files):
        if part == "*":
            expression += r"[^/]*"
        elif placeholder := PLACEHOLDER.fullmatch(part):
            name = placeholder[1]
            is_date = contract.column(name).type in ("date", "timestamp")
            value = r"\d{4}-?\d{2}-?\d{2}" if is_date else r"[^/_.]+"
            expression += f"(?P<{name}>{value})"
        else:
            expression += re.escape(part)
    return re.compile(expression)


def load_mappings(directory: Path) -> list[Mapping]:
    """All mappings of a home, by file name.

    Raises:
        MappingError: When one cannot be used; the message names the file and what is wrong.
    """
    mappings = []
    for path in sorted(directory.glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            if not isinstance(content, Dictionary):
                raise MappingError("the file holds no mapping")
            mappings.append(Mapping.model_validate({"name": path.stem, **content}))
        except (ValueError, LookupError, yaml.YAMLError) as error:
            raise MappingError(f"mapping {path.name}: {in_words(error)}") from error
    return mappings


def claims_on(file_name: str, mappings: list[Mapping]) -> list[tuple[Mapping, dict[str, str]]]:
    """The mappings that a landing file belongs to, with what its name says; none for a stranger.

    A POSLog file fills several feeds and so may have one mapping for each of them.

    Raises:
        MappingError: When two mappings claim the file that could load the same rows twice.
    """
    claims = [
        (mapping, values)
        for mapping in mappings
        if (values := mapping.match(str(PurePosixPath(file_name)))) is not None
    ]
    feeds = {mapping.feed for mapping, _ in claims if mapping.format == "poslog"}
    if len(claims) > 1 and len(feeds) < len(claims):
        names = " and ".join(mapping.name for mapping, _ in claims)
        raise MappingError(f"{file_name}: the mappings {names} both claim it")
    return claims
