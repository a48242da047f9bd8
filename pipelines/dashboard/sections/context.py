"""What every section is given."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import duckdb

from pipelines.dashboard.database import Row
from pipelines.dashboard.formatting import NumberFormat
from pipelines.dashboard.layout import Block, NoticeBlock, Section
from pipelines.dashboard.wording import Wording


@dataclass(frozen=True, kw_only=True)
class Context:
    """The open file and how to speak.

    Attributes:
        connection: read-only, to the published file.
        wording: sentences.
        number_format: how amounts are written.
        key_figures: `queries.night.key_figures`, read once for header and sections.
        run: `queries.night.run`.
        gate_results: `queries.night.gate_results`, or those of a verdict file.
    """

    connection: duckdb.DuckDBPyConnection
    wording: Wording
    number_format: NumberFormat
    key_figures: Row
    run: Row
    gate_results: list[Row]

    @property
    def last_business_date(self) -> date | None:
        """The newest date with sales."""
        last: date | None = self.key_figures["last_business_date"]
        return last

    def empty_section(self, section_id: str, *, blocks: tuple[Block, ...] = ()) -> Section:
        """A section that says in a sentence why it has nothing to show."""
        say = partial(self.wording.say)
        text = say(f"{section_id}.empty")
        return Section(
            id=section_id,
            title=say(f"{section_id}.title"),
            takeaway=text,
            blocks=blocks or (NoticeBlock(text=text),),
        )
