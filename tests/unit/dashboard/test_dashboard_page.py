"""The page as text: what it says, and that names from the data stay text."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import published_file
import pytest

from pipelines.dashboard import page as page_module
from pipelines.dashboard import scripts
from pipelines.dashboard.page import write_dashboard
from pipelines.dashboard.wording import ENGLISH
from pipelines.quality.report import ExpectationResult, GateReport, SuiteResult
from pipelines.quality.verdict import write_verdict

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=2>"


@pytest.fixture(autouse=True)
def _short_chart_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundling the libraries costs three seconds; what they draw is looked at in a browser."""
    monkeypatch.setattr(page_module, "chart_script", lambda cache: "window.vegaEmbed = null;")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    numbers = itertools.count()

    def write_page(**facts: Any) -> str:
        path = tmp_path / f"tillhouse{next(numbers)}.duckdb"
        published_file.write_published_file(path, **facts)
        return write_dashboard(path, path.with_suffix(".html")).read_text("utf-8")

    return write_page


CODES = {"pos_line", "item", "price", "store", "survey", "target"}


class _Scripts(HTMLParser):
    """Counts script elements as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def _sentence(html: str, section: str) -> str:
    found = re.search(
        rf'<section id="{section}".*?<p class="takeaway">(.*?)</p>', html, flags=re.DOTALL
    )
    assert found, section
    return found.group(1)


def test_every_section_opens_with_a_sentence_computed_from_the_data(
    write: Callable[..., str],
) -> None:
    html = write()
    assert _sentence(html, "night").startswith("1 of 2 feeds delivered, 200 rows came in; 2 are")
    assert _sentence(html, "sales") == (
        "In the week of 30 Apr 2017 net sales were 1,050, level with the 13-week mean; Grocery is "
        "the biggest department with 67 % of all net sales."
    )
    assert _sentence(html, "stores") == (
        "1 of 2 stores make half of net sales; comparable stores (1) changed by +25.0 % against "
        "last year."
    )
    assert "Champions" in _sentence(html, "rfm")
    assert "30 % bought again one month later" in _sentence(html, "cohorts")
    assert _sentence(html, "baskets").startswith("In FY2017-P03, Bread and Dairy were bought")
    assert _sentence(html, "gates").startswith("All 2 suites passed: 3 rules")


def test_no_feed_is_said_in_words(write: Callable[..., str]) -> None:
    html = write()
    assert "<summary>No feed: 1 more, not required</summary><p>No feed: Stores.</p>" in html
    margin_cells = re.findall(r'<span class="status quiet">no feed</span>', html)
    assert len(margin_cells) == 1, "the margin of store B"


def test_feeds_that_never_came_are_one_sentence_and_all_others_are_rows(tmp_path: Path) -> None:
    path = published_file.write_published_file(tmp_path / "tillhouse.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            insert into meta.feed_status values
            ('price', 'Prices <b>', false, 'no feed', 0, 0, null, null, 0, 0, 0, 0),
            ('item', 'Items', true, 'no feed', 0, 0, null, null, 0, 0, 0, 0),
            ('survey', 'Surveys', false, 'no feed', 0, 2, null, null, 0, 0, 0, 0),
            ('target', 'Targets', false, 'ok', 1, 0, null, null, 0, 0, 0, 0)
            """
        )
    html = write_dashboard(path, tmp_path / "page.html").read_text("utf-8")
    names = re.search(
        r"<summary>No feed: 2 more, none of them required</summary><p>(.*?)</p>", html
    )
    assert names
    assert names.group(1) == "No feed: Prices &lt;b&gt;, Stores."
    assert "<details open" not in html
    heads = re.findall(r"<small>(\w+)</small>\s*</th>", html)
    assert [code for code in heads if code in CODES] == ["pos_line", "target", "item", "survey"]


def test_totals_that_differ_are_said_first(write: Callable[..., str]) -> None:
    html = write(difference=Decimal("0.01"))
    assert _sentence(html, "night").startswith("1 of 1 totals do not agree")
    assert "Something does not agree" in html


def test_rows_that_went_missing_are_never_called_accounted_for(
    write: Callable[..., str],
) -> None:
    html = write(lost_rows=5)
    assert _sentence(html, "night").startswith("205 rows came in, but only 200 are loaded")


def test_a_warning_of_the_gate_names_rule_and_rows(write: Callable[..., str]) -> None:
    html = write(failed_severity="warning")
    assert "store_key is a store: 1,234 rows" in html
    assert "none is critical" in _sentence(html, "gates")


def test_a_failed_rule_of_severity_info_does_not_warn(write: Callable[..., str]) -> None:
    html = write(failed_severity="info")
    assert _sentence(html, "gates").startswith("All 2 suites passed")


def test_names_from_the_data_stay_text(write: Callable[..., str]) -> None:
    parsed, plain = _Scripts(), _Scripts()
    plain.feed(write())
    names = ("item_name", "department_name", "segment_name", "store_name")
    html = write(**dict.fromkeys(names, HOSTILE))
    parsed.feed(html)
    assert parsed.tags.count("script") == plain.tags.count("script")
    assert "img" not in parsed.tags
    assert "&lt;/script&gt;" in html


def test_chart_data_is_json_that_holds_the_names(write: Callable[..., str]) -> None:
    html = write(segment_name=HOSTILE)
    island = re.search(r'id="charts">(.*?)</script>', html, flags=re.DOTALL)
    assert island
    charts = json.loads(island.group(1))
    assert set(charts) == {"sales-trend", "store-curve", "rfm-map", "cohort-triangle"}
    segments = {row["segment"] for row in charts["rfm-map"]["datasets"]["rows"]}
    assert HOSTILE in segments


def test_empty_marts_give_sentences_instead_of_charts(tmp_path: Path) -> None:
    path = published_file.write_empty_file(tmp_path / "empty.duckdb")
    html = write_dashboard(path, tmp_path / "empty.html").read_text("utf-8")
    for section in ("sales", "stores", "rfm", "cohorts", "baskets", "gates"):
        assert ENGLISH[f"{section}.empty"] in html
    assert ENGLISH["page.no_sales"] in html
    assert 'class="chart"' not in html


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, database: Path) -> None:
    first = write_dashboard(database, tmp_path / "first.html").read_bytes()
    second = write_dashboard(database, tmp_path / "second.html").read_bytes()
    assert first == second


def test_a_currency_is_named_only_by_the_setting(tmp_path: Path, database: Path) -> None:
    plain = write_dashboard(database, tmp_path / "plain.html").read_text("utf-8")
    assert '"net-amount" data-exact="14700.0000" title="14700.0000">14,700<' in plain
    euro = write_dashboard(database, tmp_path / "euro.html", currency_symbol="€")
    assert ">€14,700<" in euro.read_text("utf-8")


def test_the_page_asks_for_nothing_outside(write: Callable[..., str]) -> None:
    html = write()
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!#|data:)', html)


def test_gate_results_come_from_the_verdict_where_the_file_has_none(tmp_path: Path) -> None:
    path = published_file.write_published_file(tmp_path / "tillhouse.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table meta.gate_result")
    broken = ExpectationResult(
        type="expect_column_values_to_be_between",
        column="net_amount",
        description="net_amount is below a million",
        severity="warning",
        status="failed",
        unexpected_count=3,
    )
    suite = SuiteResult(name="fct_sales", layer="core", table="core.fct_sales", results=(broken,))
    verdict = tmp_path / "verdict.json"
    write_verdict(verdict, report=GateReport(suites=(suite,)), warehouse=path, run_id="r1")
    html = write_dashboard(path, tmp_path / "page.html", verdict=verdict).read_text("utf-8")
    assert "net_amount is below a million: 3 rows" in html


def test_chart_libraries_are_bundled_once_for_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = itertools.count(1)
    monkeypatch.setattr(scripts, "_bundle", lambda: f"window.x = {next(bundles)};")
    cache = tmp_path / "cache"
    assert scripts.chart_script(cache) == scripts.chart_script(cache) == "window.x = 1;"
    assert [path.suffix for path in cache.iterdir()] == [".js"], "no half file is left"


def test_importing_the_page_loads_neither_dagster_nor_the_chart_libraries() -> None:
    program = (
        "import sys, pipelines.dashboard.page;"
        "heavy = {'dagster', 'altair', 'vl_convert', 'great_expectations', 'dbt', 'pandas'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
