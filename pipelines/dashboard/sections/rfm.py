"""RFM map: how lately and how often customers come, and what they leave."""

from decimal import Decimal

from pipelines.dashboard import charts, formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import Cell, ChartBlock, Column, Section, Table, TableBlock
from pipelines.dashboard.queries import customers as queries
from pipelines.dashboard.sections.context import Context


def build(context: Context) -> Section:
    """The section of the RFM map."""
    say = context.wording.say
    cells = queries.rfm_cells(context.connection)
    segments = queries.rfm_segments(context.connection)
    if not cells or not segments:
        return context.empty_section("rfm")
    customers = sum(row["customer_count"] for row in segments)
    money = sum((row["monetary_amount"] or Decimal(0) for row in segments), Decimal(0))
    first = segments[0]
    return Section(
        id="rfm",
        title=say("rfm.title"),
        takeaway=say(
            "rfm.takeaway",
            segment=first["segment_name"],
            customers=formatting.rate(formatting.share(first["customer_count"], customers), 0),
            money=formatting.rate(formatting.share(first["monetary_amount"], money), 0),
        ),
        blocks=(
            _map_block(context, cells),
            _segments_block(context, segments, customers, money),
        ),
    )


def _map_block(context: Context, cells: list[Row]) -> ChartBlock:
    say = context.wording.say
    number_format = context.number_format
    values = [
        {
            "recency": row["recency_score"],
            "frequency": row["frequency_score"],
            "customers": row["customer_count"],
            "money": round(float(row["monetary_amount"] or 0), 2),
            "customers_text": formatting.count(row["customer_count"]),
            "money_text": number_format.money(row["monetary_amount"]),
            "money_short": number_format.short_money(row["monetary_amount"]),
            "segment": str(row["segment_name"]),
        }
        for row in cells
    ]
    labels = {
        name: say(f"rfm.{name}")
        for name in ("recency", "frequency", "customers", "money", "segment")
    }
    return ChartBlock(
        id="rfm-map",
        title=say("rfm.map"),
        caption=say("rfm.map.caption", day=formatting.day(cells[0]["as_of_date"])),
        width="half",
        spec=charts.score_map(values, names=labels),
        description=say("rfm.map.description"),
        numbers=Table(
            caption=say("rfm.map"),
            columns=(
                Column(label=labels["segment"]),
                Column(label=labels["recency"], is_number=True),
                Column(label=labels["frequency"], is_number=True),
                Column(label=labels["customers"], is_number=True),
                Column(label=labels["money"], is_number=True),
            ),
            rows=[
                [
                    Cell(text=str(row["segment_name"])),
                    Cell(text=str(row["recency_score"])),
                    Cell(text=str(row["frequency_score"])),
                    Cell(text=formatting.count(row["customer_count"])),
                    Cell(text=number_format.money(row["monetary_amount"])),
                ]
                for row in cells
            ],
        ),
    )


def _segments_block(
    context: Context, segments: list[Row], customers: int, money: Decimal
) -> TableBlock:
    say = context.wording.say
    top = max((row["monetary_amount"] or 0 for row in segments), default=0)
    rows = [
        [
            Cell(text=str(row["segment_name"])),
            Cell(
                text=formatting.count(row["customer_count"]),
                note=formatting.rate(formatting.share(row["customer_count"], customers), 0),
            ),
            Cell(
                text=context.number_format.money(row["monetary_amount"]),
                note=formatting.rate(formatting.share(row["monetary_amount"], money), 0),
                bar=max(formatting.share(row["monetary_amount"], top) or 0.0, 0.0),
            ),
            Cell(text=say("rfm.days_ago", count=formatting.count(row["median_recency_days"]))),
            Cell(text=formatting.count(row["median_frequency_days"])),
        ]
        for row in segments
    ]
    columns = (
        Column(label=say("rfm.segment")),
        Column(label=say("rfm.customers"), is_number=True),
        Column(label=say("rfm.money"), is_number=True),
        Column(label=say("rfm.last_visit"), is_number=True),
        Column(label=say("rfm.visits"), is_number=True),
    )
    return TableBlock(
        title=say("rfm.segments"),
        caption=say("rfm.segments.caption"),
        width="half",
        tables=(Table(caption=say("rfm.segments"), columns=columns, rows=rows),),
    )
