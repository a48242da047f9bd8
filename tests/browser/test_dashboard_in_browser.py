"""The dashboard as a reader opens it: from a folder, in a browser, without a network."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
import pytest
from playwright.sync_api import Browser, Page

if shutil.which("chromium") is None:
    MESSAGE = (
        "NO BROWSER TESTS: chromium is not installed, so nobody has looked at the dashboard; on "
        "Debian: apt-get install chromium"
    )
    if os.environ.get("TILLHOUSE_REQUIRE_BROWSER") == "1":
        pytest.fail(MESSAGE, pytrace=False)
    # For the module as a whole, so that it is one loud line and not one a test.
    pytest.skip(MESSAGE, allow_module_level=True)

pytestmark = pytest.mark.browser

PAGES = ("good_page", "hostile_page", "empty_page")
SECTIONS = ("night", "sales", "stores", "rfm", "cohorts", "baskets", "gates")
CHARTS = ("sales-trend", "store-curve", "rfm-map", "cohort-triangle")


@dataclass
class Visit:
    """An open page and what it complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def visit(
    browser: Browser,
    path: Path,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Visit]:
    """Open a page from its file and wait until its charts are drawn."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = Visit(page)
    page.on("console", lambda line: opened.complaints.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))
    try:
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached", timeout=30_000)
        yield opened
    finally:
        page.close()


def exact(page: Page, element: str) -> str | None:
    return page.get_attribute(f"#{element}", "data-exact")


Look = Callable[..., Visit]


@pytest.fixture(scope="module")
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Look]:
    """Pages that tests only look at: each is opened once, since drawing one takes a second."""
    with ExitStack() as stack:
        opened: dict[tuple[str, int], Visit] = {}

        def look_at(name: str, width: int = 1280) -> Visit:
            if (name, width) not in opened:
                path = request.getfixturevalue(name)
                opened[name, width] = stack.enter_context(visit(browser, path, width=width))
            return opened[name, width]

        yield look_at


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_page_opens_from_a_file_in_silence_and_asks_nobody(
    look: Look, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    opened = look(name, width)
    assert opened.complaints == []
    assert opened.requests == [request.getfixturevalue(name).as_uri()]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_of_the_page(look: Look, name: str, width: int) -> None:
    assert look(name, width).page.evaluate("document.documentElement.scrollWidth") == width


def test_every_section_has_its_heading_its_sentence_and_its_place_in_the_navigation(
    look: Look,
) -> None:
    opened = look("good_page")
    for section in SECTIONS:
        assert opened.page.inner_text(f"#{section} h2")
        assert len(opened.page.inner_text(f"#{section} .takeaway")) > 20
        assert opened.page.locator(f'nav a[href="#{section}"]').count() == 1


def test_every_chart_is_drawn_and_described(look: Look) -> None:
    opened = look("good_page")
    assert opened.page.locator(".chart").count() == len(CHARTS)
    for chart in CHARTS:
        box = opened.page.locator(f"#{chart} svg").bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
        assert opened.page.locator(f"#{chart} svg path[d]").count() > 3
        assert opened.page.get_attribute(f"#{chart}", "aria-label")


def test_without_data_every_section_says_why_instead_of_drawing(look: Look) -> None:
    opened = look("empty_page")
    for section in SECTIONS:
        assert opened.page.locator(f"#{section} .notice").count() >= 1
    assert opened.page.locator(".chart").count() == 0


def test_key_figures_equal_the_database(look: Look, good_database: Path) -> None:
    with duckdb.connect(str(good_database), read_only=True) as connection:
        figures = connection.execute(
            """
            select
                sum(net_amount),
                count(*) filter (where is_transaction),
                count(distinct customer_id) filter (where is_transaction and customer_key > 0),
                count(distinct store_id),
                max(business_date)
            from core.fct_basket
            """
        ).fetchone()
    assert figures is not None
    opened = look("good_page")
    page = opened.page
    shown = [
        exact(page, name)
        for name in (
            "net-amount",
            "transaction-count",
            "customer-count",
            "store-count",
            "last-business-date",
        )
    ]
    assert shown == [str(figure) for figure in figures]
    assert page.inner_text("#net-amount") == f"{figures[0]:,.0f}"
    assert page.inner_text("#build-id") == "20170507T020000Z"


def test_choosing_a_department_draws_its_weeks(browser: Browser, good_page: Path) -> None:
    with visit(browser, good_page) as opened:
        page = opened.page
        before = page.inner_html("#sales-trend svg")
        page.select_option("#department", label="Bakery")
        page.wait_for_function(
            "before => document.querySelector('#sales-trend svg').innerHTML !== before", arg=before
        )
        assert opened.complaints == []
        # Its axis ends near 350 a week now; that of all departments went beyond 1,000.
        labels = page.locator("#sales-trend svg .mark-text text").all_text_contents()
        assert labels
        assert not any("k" in label for label in labels), labels


def test_choosing_a_period_shows_its_pairs(browser: Browser, good_page: Path) -> None:
    with visit(browser, good_page) as opened:
        page = opened.page
        assert "5.0 ×" in page.inner_text("#baskets")
        page.select_option("#item-period", "FY2017-P01")
        assert "5.0 ×" not in page.inner_text("#baskets")
        assert "3.0 ×" in page.inner_text("#baskets")


def test_names_from_the_data_are_shown_and_never_run(browser: Browser, hostile_page: Path) -> None:
    with visit(browser, hostile_page) as opened:
        page = opened.page
        page.hover("#rfm-map svg .mark-text text >> nth=0")
        page.wait_for_selector("#vg-tooltip-element.visible")
        page.select_option("#department", index=2)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0
        assert "<script>window.hacked" in page.inner_text("#baskets")
        assert opened.complaints == []


def test_dark_readers_get_dark_charts(browser: Browser, good_page: Path) -> None:
    with visit(browser, good_page, scheme="dark") as opened:
        assert opened.page.get_attribute("html", "data-ready") == "dark"
        backgrounds = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert backgrounds == "rgb(14, 20, 26)"
        opened.page.emulate_media(color_scheme="light")
        opened.page.wait_for_selector("html[data-ready=light]", state="attached")
        assert opened.complaints == []


def test_numbers_behind_a_chart_can_be_read_as_a_table(look: Look) -> None:
    opened = look("good_page")
    table = opened.page.locator("#cohorts details table")
    assert not table.is_visible()
    opened.page.click("#cohorts summary")
    assert "30 %" in table.inner_text()
    assert table.locator("th[scope=row]").count() == 1


def test_page_is_small_enough_to_send(good_page: Path) -> None:
    assert good_page.stat().st_size < 2_500_000
