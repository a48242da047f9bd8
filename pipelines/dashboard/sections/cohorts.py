"""Cohorts: of those who first bought in a month, how many bought again in later months."""

from datetime import date

from pipelines.dashboard import charts, formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import (
    Block,
    Cell,
    ChartBlock,
    Column,
    NoticeBlock,
    Section,
    Table,
)
from pipelines.dashboard.queries import customers as queries
from pipelines.dashboard.sections.context import Context

LATER_TENURES = (12, 6, 3)
"""Months after the first purchase to name in the takeaway: the longest one there is."""


def build(context: Context) -> Section:
    """The section of the retention triangle."""
    cells = queries.cohort_cells(context.connection)
    if not cells:
        return context.empty_section("cohorts")
    takeaway = _takeaway(context, cells)
    later = [row for row in cells if row["tenure_month"] > 0]
    block: Block = _triangle(context, cells, later) if later else NoticeBlock(text=takeaway)
    return Section(
        id="cohorts",
        title=context.wording.say("cohorts.title"),
        takeaway=takeaway,
        blocks=(block,),
    )


def _mean_retention(cells: list[Row], tenure_month: int) -> float | None:
    """Retention of one tenure over all cohorts that reached it: summed first, divided last."""
    reached = [row for row in cells if row["tenure_month"] == tenure_month]
    return formatting.share(
        sum(row["active_customer_count"] for row in reached),
        sum(row["cohort_customer_count"] for row in reached),
    )


def _takeaway(context: Context, cells: list[Row]) -> str:
    say = context.wording.say
    first = _mean_retention(cells, 1)
    if first is None:
        customers = sum(row["cohort_customer_count"] for row in cells if row["tenure_month"] == 0)
        return say("cohorts.takeaway.young", customers=formatting.count(customers))
    later = ""
    for tenure in LATER_TENURES:
        retention = _mean_retention(cells, tenure)
        if retention is not None:
            later = say("cohorts.takeaway.later", rate=formatting.rate(retention, 0), count=tenure)
            break
    return say("cohorts.takeaway", first=formatting.rate(first, 0), later=later)


def _triangle(context: Context, cells: list[Row], later: list[Row]) -> ChartBlock:
    say = context.wording.say
    sizes: dict[date, int] = {}
    for row in cells:
        sizes.setdefault(row["cohort_month"], row["cohort_customer_count"])
    shown = [month for month in sizes if any(row["cohort_month"] == month for row in later)]
    labels = {
        month: say(
            "cohorts.label", month=formatting.month(month), count=formatting.count(sizes[month])
        )
        for month in shown
    }
    tenures = sorted({row["tenure_month"] for row in later})
    values = [
        {
            "cohort": labels[row["cohort_month"]],
            "tenure": row["tenure_month"],
            "retention": round(row["retention_rate"] or 0.0, 4),
            "retention_text": formatting.rate(row["retention_rate"]),
            "retention_short": f"{(row['retention_rate'] or 0.0) * 100:.0f}",
            "active_text": formatting.count(row["active_customer_count"]),
        }
        for row in later
    ]
    names = {
        "cohort": say("cohorts.month"),
        "tenure": say("cohorts.tenure"),
        "retention": say("cohorts.retention"),
        "customers": say("cohorts.size"),
    }
    by_cell = {(row["cohort_month"], row["tenure_month"]): row for row in later}
    return ChartBlock(
        id="cohort-triangle",
        title=say("cohorts.chart"),
        caption=say("cohorts.chart.caption"),
        spec=charts.retention_triangle(
            values, cohorts=list(labels.values()), tenures=tenures, names=names
        ),
        description=say("cohorts.chart.description", count=len(shown)),
        numbers=Table(
            caption=say("cohorts.chart"),
            columns=(
                Column(label=say("cohorts.month")),
                Column(label=say("cohorts.size"), is_number=True),
                *(Column(label=str(tenure), is_number=True) for tenure in tenures),
            ),
            rows=[
                [
                    Cell(text=formatting.month(month)),
                    Cell(text=formatting.count(sizes[month])),
                    *(_retention_cell(by_cell.get((month, tenure))) for tenure in tenures),
                ]
                for month in shown
            ],
        ),
    )


def _retention_cell(row: Row | None) -> Cell:
    return Cell(text="") if row is None else Cell(text=formatting.rate(row["retention_rate"], 0))
