"""What a page is made of. Data only: sections fill it, the template renders it.

Cells hold plain text; the template escapes every one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Tone = Literal["good", "warn", "bad", "quiet", ""]
"""What a reader should feel; always beside a word, never colour alone."""

Width = Literal["full", "wide", "half", "narrow"]
"""Share of the page on a wide screen; on a small one every block is full width."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One table cell.

    Attributes:
        text: what it says.
        note: a second, quieter line.
        tone: shows the text as a status.
        bar: 0..1, draws a bar behind the number.
        spark: values of a small line, oldest first; the text is its spoken form.
        exact: the unrounded value, for tooltips and tests.
    """

    text: str
    note: str = ""
    tone: Tone = ""
    bar: float | None = None
    spark: Sequence[float] = ()
    exact: str = ""

    @property
    def spark_points(self) -> str:
        """The small line as SVG points in a box of 72 x 20."""
        top = max(max(self.spark), 0.0)
        bottom = min(min(self.spark), 0.0)
        span = (top - bottom) or 1.0
        step = 68 / max(len(self.spark) - 1, 1)
        return " ".join(
            f"{2 + index * step:.1f},{18 - (value - bottom) / span * 16:.1f}"
            for index, value in enumerate(self.spark)
        )


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table column; numbers are set right and in even figures."""

    label: str
    is_number: bool = False
    is_optional: bool = False
    """Left out on a small screen."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with a caption; `rows` are as long as `columns`, the first cell is the row head."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    is_caption_hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A select above a block: option value and label, the first one chosen."""

    id: str
    label: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Block:
    """A titled card of a section. Subclasses say what is in it."""

    kind: str = field(init=False, default="block")
    title: str = ""
    caption: str = ""
    width: Width = "full"


@dataclass(frozen=True, kw_only=True)
class ChartBlock(Block):
    """A chart, with its numbers as a table a reader can open.

    Attributes:
        id: of the element the chart is drawn into.
        spec: Vega-Lite, without colours.
        description: what the chart shows, for readers who cannot see it.
        numbers: the same numbers as a table.
        choice: a select that sets the spec's parameter of the same id.
        legend: style name (`bar`, `line`, `dash`, `strong`) and label.
    """

    kind: str = field(init=False, default="chart")
    id: str
    spec: Mapping[str, Any]
    description: str
    numbers: Table | None = None
    choice: Choice | None = None
    legend: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A line below a table that opens to a sentence, for what would fill rows and say little."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TableBlock(Block):
    """One table, or several of which a choice shows one (their order is that of the options)."""

    kind: str = field(init=False, default="table")
    tables: Sequence[Table]
    choice: Choice | None = None
    is_folded: bool = False
    fold: Fold | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeBlock(Block):
    """A sentence where there is nothing to draw."""

    kind: str = field(init=False, default="notice")
    text: str


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure with its label; `value_id` names it for tests and scripts."""

    label: str
    value: str
    note: str = ""
    tone: Tone = ""
    value_id: str = ""
    exact: str = ""
    is_code: bool = False


@dataclass(frozen=True, kw_only=True)
class TilesBlock(Block):
    """A row of tiles."""

    kind: str = field(init=False, default="tiles")
    tiles: Sequence[Tile]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question of the page: a heading, one sentence that answers it, and the evidence.

    Attributes:
        id: anchor.
        title: heading and navigation label.
        takeaway: one sentence computed from the data.
        blocks: cards, in reading order.
    """

    id: str
    title: str
    takeaway: str
    blocks: Sequence[Block]

    @property
    def charts(self) -> list[ChartBlock]:
        """The charts among the blocks."""
        return [block for block in self.blocks if isinstance(block, ChartBlock)]
