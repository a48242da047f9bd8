"""State of the night: what came in, whether the totals agree, what the gate said."""

from pipelines.dashboard import formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import (
    Block,
    Cell,
    Column,
    Fold,
    NoticeBlock,
    Section,
    Table,
    TableBlock,
    Tile,
    TilesBlock,
    Tone,
)
from pipelines.dashboard.queries import night as queries
from pipelines.dashboard.sections.context import Context


def build(context: Context) -> Section:
    """The section of the published night."""
    say = context.wording.say
    feeds = queries.feeds(context.connection)
    checks = queries.reconciliations(context.connection)
    return Section(
        id="night",
        title=say("night.title"),
        takeaway=_takeaway(context, feeds, checks),
        blocks=(
            TilesBlock(
                tiles=(
                    _build_tile(context),
                    _dates_tile(context),
                    _reconciliation_tile(context, checks),
                    gate_tile(context),
                )
            ),
            _feeds_block(context, feeds),
            _totals_block(context, checks),
        ),
    )


def gate_tone(results: list[Row]) -> Tone:
    """Good, warn or bad over all suites; quiet when there are no results."""
    if not results:
        return "quiet"
    if any(result["critical_failed_count"] for result in results):
        return "bad"
    return "warn" if any(result["warning_failed_count"] for result in results) else "good"


def broken_count(result: Row) -> int:
    """Broken rules of a suite that count against it: those of severity info do not."""
    broken: int = result["critical_failed_count"] + result["warning_failed_count"]
    return broken


def night_tone(context: Context) -> Tone:
    """One judgement of the whole night, for the head of the page."""
    checks = queries.reconciliations(context.connection)
    if any(not check["is_equal"] for check in checks):
        return "bad"
    if not checks:
        return "quiet"
    return gate_tone(context.gate_results)


def _takeaway(context: Context, feeds: list[Row], checks: list[Row]) -> str:
    say = context.wording.say
    if not feeds:
        return say("night.feeds.empty")
    unequal = sum(not check["is_equal"] for check in checks)
    if unequal:
        return say("night.unequal", unequal=unequal, checks=len(checks))
    totals = {name: sum(feed[name] for feed in feeds) for name in _COUNTS}
    settled = totals["loaded_count"] + totals["quarantined_count"] + totals["duplicate_count"]
    if settled != totals["row_count"]:
        return say(
            "night.unsettled",
            rows=formatting.count(totals["row_count"]),
            settled=formatting.count(settled),
        )
    values = {
        "feeds": sum(feed["status"] != "no feed" for feed in feeds),
        "all_feeds": len(feeds),
        "rows": formatting.count(totals["row_count"]),
    }
    if totals["quarantined_count"] or totals["duplicate_count"]:
        return say(
            "night.quarantine",
            **values,
            quarantined=formatting.count(totals["quarantined_count"]),
            duplicates=formatting.count(totals["duplicate_count"]),
        )
    return say("night.good" if checks else "night.unchecked", **values, checks=len(checks))


def _build_tile(context: Context) -> Tile:
    say = context.wording.say
    run = context.run
    if not run:
        return Tile(label=say("night.build"), value=say("night.build.none"), tone="quiet")
    return Tile(
        label=say("night.build"),
        value=str(run.get("build_id") or formatting.MISSING),
        note=say("night.build.note", started=formatting.moment(run.get("started_at"))),
        value_id="build-id",
        is_code=True,
    )


def _dates_tile(context: Context) -> Tile:
    say = context.wording.say
    figures = context.key_figures
    first, last = figures["first_business_date"], figures["last_business_date"]
    if first is None or last is None:
        return Tile(label=say("night.dates"), value=say("night.dates.none"), tone="quiet")
    covered = figures["business_date_count"]
    gaps = (last - first).days + 1 - covered
    note = formatting.day_range(first, last)
    if gaps:
        note = f"{note}; {say('night.gaps', count=formatting.count(gaps))}"
    return Tile(
        label=say("night.dates"),
        value=formatting.count(covered),
        note=note,
        value_id="business-date-count",
        exact=str(covered),
    )


def _reconciliation_tile(context: Context, checks: list[Row]) -> Tile:
    say = context.wording.say
    label = say("night.reconciliation")
    if not checks:
        return Tile(label=label, value=say("night.reconciliation.none"), tone="quiet")
    unequal = [check for check in checks if not check["is_equal"]]
    biggest = max((abs(check["difference_amount"] or 0) for check in unequal), default=0)
    return Tile(
        label=label,
        value=say(
            "night.reconciliation.value", equal=len(checks) - len(unequal), checks=len(checks)
        ),
        note=say(
            "night.reconciliation.bad" if unequal else "night.reconciliation.good",
            amount=context.number_format.money(biggest, 2),
        ),
        tone="bad" if unequal else "good",
        value_id="reconciliation",
    )


def gate_tile(context: Context) -> Tile:
    """Suites passed of suites run."""
    say = context.wording.say
    results = context.gate_results
    label = say("night.gates")
    if not results:
        return Tile(label=label, value=say("night.gates.none"), tone="quiet")
    tone = gate_tone(results)
    return Tile(
        label=label,
        value=say(
            "night.gates.value",
            passed=sum(not broken_count(result) for result in results),
            suites=len(results),
        ),
        note=say(
            f"night.gates.{tone}",
            rules=formatting.count(sum(result["rule_count"] for result in results)),
            failed=formatting.count(sum(broken_count(result) for result in results)),
            critical=formatting.count(sum(result["critical_failed_count"] for result in results)),
        ),
        tone=tone,
        value_id="gate-suites",
    )


_COUNTS = ("row_count", "loaded_count", "quarantined_count", "duplicate_count")


def _feeds_block(context: Context, feeds: list[Row]) -> Block:
    say = context.wording.say
    if not feeds:
        return NoticeBlock(title=say("night.feeds"), text=say("night.feeds.empty"))
    columns = (
        Column(label=say("head.feed")),
        Column(label=say("head.status")),
        Column(label=say("head.files"), is_number=True, is_optional=True),
        Column(label=say("head.rows"), is_number=True),
        Column(label=say("head.loaded"), is_number=True, is_optional=True),
        Column(label=say("head.quarantined"), is_number=True),
        Column(label=say("head.duplicate"), is_number=True),
        Column(label=say("head.last_date"), is_number=True),
    )
    silent = [feed for feed in feeds if _is_silent(feed)]
    rows = [_feed_cells(context, feed) for feed in feeds if feed not in silent]
    return TableBlock(
        title=say("night.feeds"),
        caption=say("night.feeds.caption"),
        tables=(Table(caption=say("night.feeds"), columns=columns, rows=rows),),
        fold=_silent_fold(context, silent) if silent else None,
    )


def _is_silent(feed: Row) -> bool:
    """True for a feed of which nothing came, nothing was refused and nothing is required."""
    is_missed: bool = feed["is_required"] or bool(feed["refused_file_count"])
    return feed["status"] == "no feed" and not is_missed


def _silent_fold(context: Context, silent: list[Row]) -> Fold:
    say = context.wording.say
    names = sorted(str(feed["feed_name"]) for feed in silent)
    return Fold(
        label=say("night.silent", count=formatting.count(len(silent))),
        text=say("night.silent.names", names=", ".join(names)),
    )


def _feed_cells(context: Context, feed: Row) -> list[Cell]:
    say = context.wording.say
    is_missing = feed["status"] == "no feed"
    refused = feed["refused_file_count"] or 0
    status = Cell(
        text=say("night.no_feed" if is_missing else "night.ok"),
        tone=("bad" if feed["is_required"] else "quiet") if is_missing else "good",
        note=say("night.refused", count=formatting.count(refused)) if refused else "",
    )
    head = Cell(text=str(feed["feed_name"]), note=str(feed["feed_code"]))
    if is_missing:
        # Without a feed there is nothing to count: a zero would say that it came, and empty.
        return [head, status, *(Cell(text=formatting.MISSING) for _ in range(6))]
    return [
        head,
        status,
        Cell(text=formatting.count(feed["file_count"])),
        Cell(text=formatting.count(feed["row_count"])),
        Cell(text=formatting.count(feed["loaded_count"])),
        Cell(
            text=formatting.count(feed["quarantined_count"]),
            tone="warn" if feed["quarantined_count"] else "",
        ),
        Cell(text=formatting.count(feed["duplicate_count"])),
        Cell(text=formatting.day(feed["last_date"])),
    ]


def _totals_block(context: Context, checks: list[Row]) -> Block:
    say = context.wording.say
    if not checks:
        return NoticeBlock(title=say("night.totals"), text=say("night.totals.empty"))
    money = context.number_format.money
    rows = [
        [
            Cell(text=str(check["check_name"])),
            Cell(
                text=say("night.equal" if check["is_equal"] else "night.differs"),
                tone="good" if check["is_equal"] else "bad",
            ),
            Cell(text=money(check["left_amount"], 2), note=str(check["left_label"])),
            Cell(text=money(check["right_amount"], 2), note=str(check["right_label"])),
            Cell(text=money(check["difference_amount"], 2)),
        ]
        for check in checks
    ]
    columns = (
        Column(label=say("head.check")),
        Column(label=say("head.status")),
        Column(label=say("head.left"), is_number=True),
        Column(label=say("head.right"), is_number=True),
        Column(label=say("head.difference"), is_number=True),
    )
    return TableBlock(
        title=say("night.totals"),
        tables=(Table(caption=say("night.totals"), columns=columns, rows=rows),),
        is_folded=all(check["is_equal"] for check in checks),
    )
