"""The business dates that a run is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

PARTITION_TAG = "dagster/partition"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


@dataclass(frozen=True)
class Window:
    """First and last business date, both included; None means no bound.

    A run loads every waiting file up to `last`, late ones included, and rebuilds the dates whose
    files changed. Dates from `first` to `last` are rebuilt even when nothing changed.
    """

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        """Refuse a window that ends before it begins."""
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"the window begins on {self.first}, after it ends on {self.last}")

    def tags(self) -> dict[str, str]:
        """The run tags in which Dagster keeps a window; none for an open window."""
        if self.first is None or self.last is None:
            return {}
        if self.first == self.last:
            return {PARTITION_TAG: self.first.isoformat()}
        return {RANGE_START_TAG: self.first.isoformat(), RANGE_END_TAG: self.last.isoformat()}

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> "Window":
        """The window of a run; open when the tags name none."""
        first = tags.get(PARTITION_TAG) or tags.get(RANGE_START_TAG)
        last = tags.get(PARTITION_TAG) or tags.get(RANGE_END_TAG)
        return cls(
            date.fromisoformat(first) if first else None,
            date.fromisoformat(last) if last else None,
        )
