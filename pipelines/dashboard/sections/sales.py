"""Sales trend: weekly net sales with trailing means, for all departments or one."""

from datetime import timedelta

from pipelines.dashboard import charts, formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import (
    Cell,
    ChartBlock,
    Choice,
    Column,
    Section,
    Table,
    TableBlock,
)
from pipelines.dashboard.queries import sales as queries
from pipelines.dashboard.sections.context import Context

SHOWN_DEPARTMENTS = 8
"""Departments in the list beside the chart; the choice holds all of them."""


def build(context: Context) -> Section:
    """The section of the sales trend."""
    weeks = queries.weekly_sales(context.connection)
    if not weeks:
        return context.empty_section("sales")
    departments = queries.departments(context.connection)
    return Section(
        id="sales",
        title=context.wording.say("sales.title"),
        takeaway=_takeaway(context, weeks, departments),
        blocks=(
            _trend_block(context, weeks, departments),
            _departments_block(context, departments, weeks),
        ),
    )


def _takeaway(context: Context, weeks: list[Row], departments: list[Row]) -> str:
    say = context.wording.say
    complete = [week for week in weeks if week["is_complete_week"]]
    week = (complete or weeks)[-1]
    values = {
        "week": formatting.day(week["fiscal_week_start_date"]),
        "net": context.number_format.money(week["net_amount"]),
    }
    mean = week["net_amount_13_week_mean"]
    if not mean:
        return say("sales.takeaway.short", **values)
    change = float(week["net_amount"]) / float(mean) - 1
    size = formatting.rate(abs(change))
    if abs(change) < 0.005:
        words = say("sales.level")
    else:
        words = say("sales.above" if change > 0 else "sales.below", rate=size)
    total = sum(row["net_amount"] for row in departments)
    biggest = departments[0]
    return say(
        "sales.takeaway",
        **values,
        change=words,
        department=biggest["department_name"],
        share=formatting.rate(formatting.share(biggest["net_amount"], total), 0),
    )


def _trend_block(context: Context, weeks: list[Row], departments: list[Row]) -> ChartBlock:
    say = context.wording.say
    names = [row["department_name"] for row in departments]
    # Codes instead of names: names come from the retailer and would be code in an expression.
    scopes = {name: f"d{index}" for index, name in enumerate(names)}
    values = [_week_values(context, week, "all") for week in weeks]
    values += [
        _week_values(context, week, scopes[week["department_name"]])
        for week in queries.weekly_department_sales(context.connection)
    ]
    first, last = weeks[0], weeks[-1]
    labels = {
        "week": say("sales.week"),
        "net": say("sales.week_net"),
        "mean_4": say("sales.mean_4"),
        "mean_13": say("sales.mean_13"),
    }
    return ChartBlock(
        id="sales-trend",
        title=say("sales.chart"),
        caption=say("sales.chart.caption"),
        width="wide",
        spec=charts.weekly_bars(values, names=labels),
        description=say(
            "sales.chart.description",
            first=formatting.day(first["fiscal_week_start_date"]),
            last=formatting.day(last["fiscal_week_start_date"]),
        ),
        choice=Choice(
            id="department",
            label=say("sales.choice"),
            options=(("all", say("sales.all")), *((scopes[name], name) for name in names)),
        ),
        legend=(
            ("bar", say("sales.week_net")),
            ("line", say("sales.mean_4")),
            ("dash", say("sales.mean_13")),
        ),
        numbers=_week_table(context, weeks),
    )


def _week_values(context: Context, week: Row, scope: str) -> dict[str, object]:
    """One mark of the chart. A bar leaves half a day on both sides, so that weeks stay apart."""
    money = context.number_format.money
    start = week["fiscal_week_start_date"]
    means = {name: week[f"net_amount_{name}_week_mean"] for name in ("4", "13")}
    label = f"{formatting.day(start)} · {week['fiscal_week_code']}"
    if not week["is_complete_week"]:
        label += f" · {context.wording.say('sales.incomplete')}"
    return {
        "scope": scope,
        "start": f"{start.isoformat()}T12:00:00Z",
        "middle": f"{(start + timedelta(days=3)).isoformat()}T12:00:00Z",
        "end": f"{(start + timedelta(days=6)).isoformat()}T12:00:00Z",
        "net": round(float(week["net_amount"]), 2),
        "mean_4": None if means["4"] is None else round(float(means["4"]), 2),
        "mean_13": None if means["13"] is None else round(float(means["13"]), 2),
        "is_complete": bool(week["is_complete_week"]),
        "week": label,
        "net_text": money(week["net_amount"]),
        "mean_4_text": money(means["4"]),
        "mean_13_text": money(means["13"]),
    }


def _week_table(context: Context, weeks: list[Row]) -> Table:
    say = context.wording.say
    money = context.number_format.money
    return Table(
        caption=say("sales.chart"),
        columns=(
            Column(label=say("sales.week")),
            Column(label=say("sales.week_net"), is_number=True),
            Column(label=say("sales.mean_4"), is_number=True),
            Column(label=say("sales.mean_13"), is_number=True),
        ),
        rows=[
            [
                Cell(
                    text=formatting.day(week["fiscal_week_start_date"]),
                    note="" if week["is_complete_week"] else say("sales.incomplete"),
                ),
                Cell(text=money(week["net_amount"])),
                Cell(text=money(week["net_amount_4_week_mean"])),
                Cell(text=money(week["net_amount_13_week_mean"])),
            ]
            for week in reversed(weeks)
        ],
    )


def _departments_block(context: Context, departments: list[Row], weeks: list[Row]) -> TableBlock:
    say = context.wording.say
    total = sum(row["net_amount"] for row in departments)
    shown = departments[:SHOWN_DEPARTMENTS]
    rest = departments[SHOWN_DEPARTMENTS:]
    amounts = [(row["department_name"], row["net_amount"]) for row in shown]
    if rest:
        amounts.append((say("sales.rest", count=len(rest)), sum(row["net_amount"] for row in rest)))
    top = max((amount for _, amount in amounts), default=0)
    rows = [
        [
            Cell(text=str(name)),
            Cell(
                text=context.number_format.money(amount),
                bar=max(formatting.share(amount, top) or 0.0, 0.0),
            ),
            Cell(text=formatting.rate(formatting.share(amount, total))),
        ]
        for name, amount in amounts
    ]
    figures = context.key_figures
    dates = formatting.day_range(figures["first_business_date"], figures["last_business_date"])
    return TableBlock(
        title=say("sales.departments"),
        caption=say("sales.departments.caption", dates=dates),
        width="narrow",
        tables=(
            Table(
                caption=say("sales.departments"),
                columns=(
                    Column(label=say("sales.department")),
                    Column(label=say("key.net"), is_number=True),
                    Column(label=say("rfm.money_share"), is_number=True),
                ),
                rows=rows,
            ),
        ),
    )
