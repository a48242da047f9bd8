"""Store ranking with comparable sales, and why a store cannot be compared."""

from collections import defaultdict
from decimal import Decimal

from pipelines.dashboard import charts, formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import (
    Block,
    Cell,
    ChartBlock,
    Column,
    Section,
    Table,
    TableBlock,
)
from pipelines.dashboard.queries import stores as queries
from pipelines.dashboard.sections.context import Context

SHOWN_STORES = 10
"""Stores in each of the two lists, top and bottom."""


def build(context: Context) -> Section:
    """The section of the store ranking."""
    say = context.wording.say
    window = queries.ranking_window(context.connection, context.last_business_date)
    stores = (
        queries.store_ranking(context.connection, window["first_date"], window["last_date"])
        if window
        else []
    )
    if not stores:
        return context.empty_section("stores")
    half_count = _stores_of_half(stores)
    reasons = _reasons(stores, say("stores.no_reason"))
    blocks: list[Block] = [
        _curve_block(context, stores, half_count),
        _comparison_block(context, stores, reasons),
        *_ranking_blocks(context, stores, window),
    ]
    return Section(
        id="stores",
        title=say("stores.title"),
        takeaway=say(
            "stores.takeaway",
            half=formatting.count(half_count),
            stores=formatting.count(len(stores)),
            comparison=_comparison_sentence(context, stores, reasons),
        ),
        blocks=blocks,
    )


def _stores_of_half(stores: list[Row]) -> int:
    """How many of the biggest stores together reach half of net sales."""
    half = sum((row["net_amount"] for row in stores), Decimal(0)) / 2
    reached = Decimal(0)
    for position, row in enumerate(stores, start=1):
        reached += row["net_amount"]
        if reached >= half:
            return position
    return len(stores)


def _reasons(stores: list[Row], without_reason: str) -> list[tuple[str, int, Decimal]]:
    """Reason, stores and net sales of those that cannot be compared, most stores first."""
    counts: dict[str, int] = defaultdict(int)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row in stores:
        if not row["is_comparable"]:
            reason = row["comparable_exclusion_reason"] or without_reason
            counts[reason] += 1
            amounts[reason] += row["net_amount"]
    ordered = sorted(counts, key=lambda reason: (-counts[reason], reason))
    return [(reason, counts[reason], amounts[reason]) for reason in ordered]


def _comparison_sentence(
    context: Context, stores: list[Row], reasons: list[tuple[str, int, Decimal]]
) -> str:
    say = context.wording.say
    comparable = [row for row in stores if row["is_comparable"]]
    if not comparable:
        kind = "none" if len(reasons) == 1 else "mixed"
        return say(f"stores.comparison.{kind}", reason=reasons[0][0])
    return say(
        "stores.comparison.some",
        count=formatting.count(len(comparable)),
        rate=formatting.signed_rate(_comparable_rate(comparable)),
    )


def _comparable_rate(comparable: list[Row]) -> float | None:
    """Change of comparable sales over stores: summed first, divided last."""
    this_year = sum((row["comparable_net_amount"] or 0 for row in comparable), Decimal(0))
    last_year = sum((row["comparable_net_amount_ly"] or 0 for row in comparable), Decimal(0))
    relation = formatting.share(this_year, last_year)
    return None if relation is None else relation - 1


def _curve_block(context: Context, stores: list[Row], half_count: int) -> ChartBlock:
    say = context.wording.say
    values = [
        {
            "rank": position,
            "from_rank": position - 0.5,
            "to_rank": position + (0.5 if len(stores) > 150 else 0.4),
            "net": round(float(row["net_amount"]), 2),
            "is_half": position <= half_count,
            "store": str(row["store_name"]),
            "net_text": context.number_format.money(row["net_amount"]),
        }
        for position, row in enumerate(stores, start=1)
    ]
    names = {"rank": say("stores.rank"), "store": say("stores.store"), "net": say("stores.net")}
    return ChartBlock(
        id="store-curve",
        title=say("stores.curve"),
        caption=say("stores.curve.caption"),
        width="wide",
        spec=charts.ranked_bars(values, names=names),
        description=say(
            "stores.curve.description",
            count=formatting.count(len(stores)),
            half=formatting.count(half_count),
        ),
    )


def _comparison_block(
    context: Context, stores: list[Row], reasons: list[tuple[str, int, Decimal]]
) -> TableBlock:
    say = context.wording.say
    total = sum((row["net_amount"] for row in stores), Decimal(0))
    comparable = [row for row in stores if row["is_comparable"]]
    lines = [(reason, count, amount, "quiet") for reason, count, amount in reasons]
    if comparable:
        amount = sum((row["net_amount"] for row in comparable), Decimal(0))
        lines.insert(0, (say("stores.comparable.yes"), len(comparable), amount, "good"))
    rows = [
        [
            Cell(text=name, tone="good" if tone == "good" else "quiet"),
            Cell(text=formatting.count(count)),
            Cell(text=formatting.rate(formatting.share(amount, total))),
        ]
        for name, count, amount, tone in lines
    ]
    reason_table = Table(
        caption=say("stores.comparable"),
        columns=(
            Column(label=say("stores.why")),
            Column(label=say("stores.count"), is_number=True),
            Column(label=say("stores.share"), is_number=True),
        ),
        rows=rows,
    )
    return TableBlock(
        title=say("stores.comparable"),
        caption=say("stores.comparable.caption"),
        width="narrow",
        tables=(reason_table, _concentration_table(context, stores, total)),
    )


def _concentration_table(context: Context, stores: list[Row], total: Decimal) -> Table:
    """Share of net sales of the biggest 1, 10, 50 and 100 stores, as far as there are so many."""
    say = context.wording.say
    rows = []
    for count in (1, 10, 50, 100):
        if count > len(stores):
            break
        amount = sum((row["net_amount"] for row in stores[:count]), Decimal(0))
        part = formatting.share(amount, total)
        rows.append(
            [
                Cell(text=say("stores.biggest.first", count=count)),
                Cell(text=formatting.rate(part), bar=min(max(part or 0.0, 0.0), 1.0)),
            ]
        )
    return Table(
        caption=say("stores.concentration"),
        columns=(
            Column(label=say("stores.biggest")),
            Column(label=say("stores.share"), is_number=True),
        ),
        rows=rows,
    )


def _ranking_blocks(context: Context, stores: list[Row], window: Row) -> list[TableBlock]:
    """Top and bottom, or one list where both would name the same stores."""
    say = context.wording.say
    is_short = len(stores) <= 2 * SHOWN_STORES
    lists = [("stores.top", stores if is_short else stores[:SHOWN_STORES])]
    if not is_short:
        lists.append(("stores.bottom", stores[-SHOWN_STORES:]))
    shown = [row["store_id"] for _, rows in lists for row in rows]
    courses: dict[str, list[float]] = defaultdict(list)
    for row in queries.store_period_sales(
        context.connection, window["first_date"], window["last_date"], shown
    ):
        courses[row["store_id"]].append(float(row["net_amount"]))
    dates = formatting.day_range(window["first_date"], window["last_date"])
    caption = (
        say("stores.window", count=window["period_count"], dates=dates)
        if window["is_complete"]
        else say("stores.window.open", dates=dates)
    )
    return [
        TableBlock(
            title=say("stores.title" if is_short else key),
            caption=caption,
            width="full" if is_short else "half",
            tables=(_ranking_table(context, say(key), rows, courses),),
        )
        for key, rows in lists
    ]


def _ranking_table(
    context: Context, caption: str, stores: list[Row], courses: dict[str, list[float]]
) -> Table:
    say = context.wording.say
    money = context.number_format.money
    rows = []
    for row in stores:
        course = courses[row["store_id"]]
        spoken = say("stores.course.spoken", first=money(course[0]), last=money(course[-1]))
        has_own_name = str(row["store_name"]) != str(row["store_id"])
        rows.append(
            [
                Cell(text=formatting.count(row["net_rank"])),
                Cell(
                    text=str(row["store_name"]), note=str(row["store_id"]) if has_own_name else ""
                ),
                Cell(
                    # Cents are noise in a big store, and all there is in a very small one.
                    text=money(row["net_amount"], 0 if row["net_amount"] >= 1000 else 2),
                    exact=str(row["net_amount"]),
                ),
                Cell(text=spoken, spark=course),
                Cell(
                    text=formatting.count(row["transaction_count"]),
                    note=say("stores.each", amount=money(row["average_transaction_amount"], 2)),
                ),
                _margin_cell(context, row),
                _comparable_cell(context, row),
            ]
        )
    columns = (
        Column(label=say("stores.rank"), is_number=True),
        Column(label=say("stores.store")),
        Column(label=say("stores.net"), is_number=True),
        Column(label=say("stores.course"), is_optional=True),
        Column(label=say("stores.transactions"), is_number=True),
        Column(label=say("stores.margin"), is_number=True),
        Column(label=say("stores.change"), is_number=True),
    )
    return Table(caption=caption, columns=columns, rows=rows)


def _margin_cell(context: Context, row: Row) -> Cell:
    if row["margin_status"] == "ok":
        return Cell(text=formatting.rate(row["margin_rate"]))
    # A margin over the lines that happen to have a cost would look like one over all lines.
    key = "no_feed" if row["margin_status"] == "no feed" else "partial"
    return Cell(text=context.wording.say(f"stores.margin.{key}"), tone="quiet")


def _comparable_cell(context: Context, row: Row) -> Cell:
    if row["is_comparable"] and row["comparable_growth_rate"] is not None:
        return Cell(text=formatting.signed_rate(row["comparable_growth_rate"]))
    reason = row["comparable_exclusion_reason"] or context.wording.say("stores.no_reason")
    return Cell(text=str(reason), tone="quiet")
