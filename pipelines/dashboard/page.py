"""Writes the dashboard: one static HTML file that works from a folder, without a server."""

import json
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.dashboard import formatting
from pipelines.dashboard.database import Row, open_published
from pipelines.dashboard.formatting import NumberFormat
from pipelines.dashboard.layout import Section, Tile
from pipelines.dashboard.queries import night as night_queries
from pipelines.dashboard.scripts import chart_script
from pipelines.dashboard.sections import OVERVIEW, night
from pipelines.dashboard.sections.context import Context
from pipelines.dashboard.theme import vega_configs
from pipelines.dashboard.wording import IN_ENGLISH, Wording

TEMPLATES = Path(__file__).resolve().parent / "templates"
"""Markup, style and script of the page."""


def write_dashboard(
    database: Path,
    output: Path,
    *,
    verdict: Path | None = None,
    currency_symbol: str = "",
    script_cache: Path | None = None,
    wording: Wording = IN_ENGLISH,
) -> Path:
    """Write the dashboard of one published database and return its path.

    The page depends on the file alone, not on the clock: the same file gives the same bytes.

    Args:
        database: the finished database, opened read-only and closed again.
        output: the HTML file to write; its directory must exist.
        verdict: the gate's verdict; read only when the file holds no `meta.gate_result`.
        currency_symbol: put before amounts; nothing when empty.
        script_cache: directory to keep the chart libraries in between nights.
        wording: language of the page.

    Raises:
        FileNotFoundError: the database does not exist.
        duckdb.CatalogException: it lacks a table or column of the published schemas.
    """
    with open_published(database) as connection:
        context = Context(
            connection=connection,
            wording=wording,
            number_format=NumberFormat(currency_symbol=currency_symbol),
            key_figures=night_queries.key_figures(connection),
            run=night_queries.run(connection),
            gate_results=night_queries.gate_results(connection) or _verdict_results(verdict),
        )
        sections = [build(context) for build in OVERVIEW]
        html = _render(context, sections, script_cache)
    output.write_text(html, encoding="utf-8", newline="\n")
    return output


def _render(context: Context, sections: list[Section], script_cache: Path | None) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = {chart.id: chart.spec for section in sections for chart in section.charts}
    published = context.run.get("published_at") or context.run.get("started_at")
    return environment.get_template("page.html.j2").render(
        say=context.wording.say,
        language=context.wording.language,
        tone=night.night_tone(context),
        published=formatting.moment(published) if published else "",
        covered=_covered(context),
        key_figures=_key_figures(context),
        sections=sections,
        style=_own_text("style.css"),
        page_script=_own_text("page.js"),
        chart_script=Markup(chart_script(script_cache)),  # noqa: S704 - our own bundle
        charts_json=_island(charts),
        themes_json=_island(vega_configs()),
    )


def _own_text(name: str) -> Markup:
    """A file of the templates directory, which is ours and is not escaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


def _island(value: Any) -> Markup:
    """JSON for a script element: no character in it can end the element or begin a comment."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above for where it stands


def _covered(context: Context) -> str:
    figures = context.key_figures
    if figures["first_business_date"] is None:
        return context.wording.say("page.no_sales")
    dates = formatting.day_range(figures["first_business_date"], figures["last_business_date"])
    return context.wording.say("page.covers", dates=dates)


def _key_figures(context: Context) -> list[Tile]:
    """The figures in the head of the page, each with its exact value."""
    say = context.wording.say
    money = context.number_format.money
    figures = context.key_figures
    transactions = figures["transaction_count"]
    average = figures["net_amount"] / transactions if transactions else None
    identified = formatting.share(figures["identified_transaction_count"], transactions)
    dates = figures["business_date_count"]
    has_sales = figures["first_business_date"] is not None
    last_date = figures["last_business_date"]
    return [
        Tile(
            label=say("key.net"),
            value=money(figures["net_amount"]),
            note=formatting.day_range(figures["first_business_date"], last_date),
            value_id="net-amount",
            exact=str(figures["net_amount"] or 0),
        ),
        Tile(
            label=say("key.transactions"),
            value=formatting.count(transactions),
            note=say("key.transactions.note", average=money(average, 2)) if has_sales else "",
            value_id="transaction-count",
            exact=str(transactions),
        ),
        Tile(
            label=say("key.customers"),
            value=formatting.count(figures["customer_count"]),
            note=say("key.customers.note", rate=formatting.rate(identified, 0))
            if has_sales
            else "",
            value_id="customer-count",
            exact=str(figures["customer_count"]),
        ),
        Tile(
            label=say("key.stores"),
            value=formatting.count(figures["store_count"]),
            note=say("key.stores.note"),
            value_id="store-count",
            exact=str(figures["store_count"]),
        ),
        Tile(
            label=say("key.last_date"),
            value=formatting.day(last_date),
            note=say("key.last_date.note", count=formatting.count(dates)) if has_sales else "",
            value_id="last-business-date",
            exact="" if last_date is None else last_date.isoformat(),
        ),
    ]


def _verdict_results(verdict: Path | None) -> list[Row]:
    """Gate results by suite out of a verdict file, shaped as `queries.night.gate_results`."""
    if verdict is None or not verdict.is_file():
        return []
    from pipelines.quality.verdict import read_verdict

    rows: list[Row] = []
    for suite in read_verdict(verdict).suites:
        failed = [result for result in suite.results if result.status != "passed"]
        order = {"critical": 0, "warning": 1}
        failed.sort(key=lambda r: (order.get(r.severity, 2), -(r.unexpected_count or 0)))
        worst = failed[0] if failed else None
        rows.append(
            {
                "suite_name": suite.full_name,
                "table_name": suite.table,
                "rule_count": len(suite.results),
                "failed_count": len(failed),
                "critical_failed_count": sum(r.severity == "critical" for r in failed),
                "warning_failed_count": sum(r.severity == "warning" for r in failed),
                "worst_rule_description": worst.description if worst else None,
                "worst_unexpected_count": worst.unexpected_count if worst else None,
                "worst_observed_value": worst.observed_value if worst else None,
            }
        )
    counts = ("critical_failed_count", "warning_failed_count", "failed_count")
    rows.sort(key=lambda row: (*(-row[name] for name in counts), row["suite_name"]))
    return rows
