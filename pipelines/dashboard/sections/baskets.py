"""Strongest pairs of categories and of items, by fiscal period."""

from pipelines.dashboard import formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import Cell, Choice, Column, Section, Table, TableBlock
from pipelines.dashboard.queries import baskets as queries
from pipelines.dashboard.sections.context import Context

SHOWN_PAIRS = 10
"""Pairs a table; the mart holds all of them."""


def build(context: Context) -> Section:
    """The section of the strongest pairs."""
    say = context.wording.say
    periods = queries.pair_periods(context.connection, context.last_business_date)
    if not periods:
        return context.empty_section("baskets")
    # A period that has just begun would open the page with a handful of receipts.
    periods.sort(key=lambda row: not row["is_complete"])
    starts = [row["fiscal_period_start_date"] for row in periods]
    has_clusters = queries.cluster_count(context.connection) > 1
    blocks = []
    takeaway = ""
    for level in ("category", "item"):
        pairs = queries.strongest_pairs(context.connection, level, starts, SHOWN_PAIRS)
        newest = [row for row in pairs if row["fiscal_period_start_date"] == starts[0]]
        if newest and not takeaway:
            takeaway = _takeaway(context, newest[0])
        blocks.append(_level_block(context, level, periods, pairs, has_clusters))
    return Section(id="baskets", title=say("baskets.title"), takeaway=takeaway, blocks=blocks)


def _takeaway(context: Context, pair: Row) -> str:
    return context.wording.say(
        "baskets.takeaway",
        period=pair["fiscal_period_code"],
        left=pair["left_name"],
        right=pair["right_name"],
        lift=formatting.factor(pair["lift"]),
        pairs=formatting.count(pair["pair_basket_count"]),
        receipts=formatting.count(pair["basket_count"]),
    )


def _level_block(
    context: Context, level: str, periods: list[Row], pairs: list[Row], has_clusters: bool
) -> TableBlock:
    say = context.wording.say
    title = say(f"baskets.{level}")
    columns = (
        Column(label=say("baskets.pair")),
        Column(label=say("baskets.lift"), is_number=True),
        Column(label=say("baskets.support"), is_number=True, is_optional=True),
        Column(label=say("baskets.confidence"), is_number=True),
        Column(label=say("baskets.receipts"), is_number=True),
    )
    tables = []
    options = []
    for period in periods:
        code = str(period["fiscal_period_code"])
        chosen = [row for row in pairs if row["fiscal_period_code"] == period["fiscal_period_code"]]
        top = max((row["lift"] for row in chosen), default=0.0)
        rows = [_pair_cells(context, row, level, top, has_clusters) for row in chosen]
        tables.append(
            Table(
                caption=say("baskets.table", title=title, period=code)
                if rows
                else say("baskets.none", period=code),
                columns=columns if rows else (),
                rows=rows,
            )
        )
        options.append((code, code if period["is_complete"] else say("baskets.open", period=code)))
    return TableBlock(
        title=title,
        caption=say("baskets.caption"),
        width="half",
        tables=tables,
        choice=Choice(id=f"{level}-period", label=say("baskets.choice"), options=options),
    )


def _pair_cells(
    context: Context, pair: Row, level: str, top: float, has_clusters: bool
) -> list[Cell]:
    say = context.wording.say
    note = say("baskets.with", name=pair["right_name"])
    if level == "item" and pair["left_name"] == pair["right_name"]:
        # Sizes and flavours share a name: the codes tell them apart.
        note += f" · {pair['left_code']} / {pair['right_code']}"
    if has_clusters:
        note += f" · {pair['cluster_code']}"
    return [
        Cell(text=str(pair["left_name"]), note=note),
        Cell(text=formatting.factor(pair["lift"]), bar=(pair["lift"] / top) if top else 0.0),
        Cell(text=formatting.rate(pair["support_rate"], 2)),
        Cell(
            text=say(
                "baskets.confidence.both",
                there=formatting.rate(pair["confidence_left_to_right_rate"], 0),
                back=formatting.rate(pair["confidence_right_to_left_rate"], 0),
            )
        ),
        Cell(text=formatting.count(pair["pair_basket_count"])),
    ]
