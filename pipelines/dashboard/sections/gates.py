"""Quality gate: each suite, its rules, what failed and what was worst."""

from pipelines.dashboard import formatting
from pipelines.dashboard.database import Row
from pipelines.dashboard.layout import Cell, Column, Section, Table, TableBlock, Tone
from pipelines.dashboard.sections.context import Context
from pipelines.dashboard.sections.night import broken_count


def build(context: Context) -> Section:
    """The section of the gate's results."""
    say = context.wording.say
    results = context.gate_results
    if not results:
        return context.empty_section("gates")
    columns = (
        Column(label=say("gates.suite")),
        Column(label=say("gates.status")),
        Column(label=say("gates.rules"), is_number=True),
        Column(label=say("gates.failed"), is_number=True),
        Column(label=say("gates.worst")),
    )
    return Section(
        id="gates",
        title=say("gates.title"),
        takeaway=_takeaway(context, results),
        blocks=(
            TableBlock(
                title=say("gates.suites"),
                caption=say("gates.suites.caption"),
                tables=(
                    Table(
                        caption=say("gates.suites"),
                        columns=columns,
                        rows=[_suite_cells(context, result) for result in results],
                    ),
                ),
            ),
        ),
    )


def _takeaway(context: Context, results: list[Row]) -> str:
    failed = sum(broken_count(result) for result in results)
    critical = sum(result["critical_failed_count"] for result in results)
    kind = "bad" if critical else "warn" if failed else "good"
    broken = sum(bool(broken_count(result)) for result in results)
    return context.wording.say(
        f"gates.{kind}",
        suites=broken if failed else len(results),
        all_suites=len(results),
        rules=formatting.count(sum(result["rule_count"] for result in results)),
        failed=formatting.count(failed),
        critical=formatting.count(critical),
    )


def _suite_cells(context: Context, result: Row) -> list[Cell]:
    say = context.wording.say
    key, tone = _status(result)
    table = str(result["table_name"])
    return [
        Cell(
            text=str(result["suite_name"]),
            note=table if table != result["suite_name"] else "",
        ),
        Cell(text=say(key), tone=tone),
        Cell(text=formatting.count(result["rule_count"])),
        Cell(text=formatting.count(result["failed_count"])),
        Cell(text=_worst(context, result)),
    ]


def _status(result: Row) -> tuple[str, Tone]:
    if result["critical_failed_count"]:
        return "gates.failed_status", "bad"
    return ("gates.warned", "warn") if result["warning_failed_count"] else ("gates.passed", "good")


def _worst(context: Context, result: Row) -> str:
    say = context.wording.say
    rule = result["worst_rule_description"]
    if rule is None:
        return formatting.MISSING
    if result["worst_unexpected_count"] is not None:
        rows = formatting.count(result["worst_unexpected_count"])
        return say("gates.worst.rows", rule=rule, rows=rows)
    if result["worst_observed_value"] is not None:
        return say("gates.worst.value", rule=rule, value=result["worst_observed_value"])
    return str(rule)
