"""A headless browser, and pages written from small files made by hand."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The published file by hand is the one of the unit tests: one story, told once.
sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "dashboard"))

import published_file
from playwright.sync_api import Browser, sync_playwright

from pipelines.dashboard.page import write_dashboard

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=2>"
"""A name that would run if it were ever taken for markup."""

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=list(_FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def script_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


@pytest.fixture(scope="session")
def good_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "tillhouse.duckdb"
    return published_file.write_published_file(path)


@pytest.fixture(scope="session")
def good_page(good_database: Path, script_cache: Path) -> Path:
    output = good_database.with_name("dashboard.html")
    return write_dashboard(good_database, output, script_cache=script_cache)


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory, script_cache: Path) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "tillhouse.duckdb"
    published_file.write_published_file(
        path,
        item_name=HOSTILE,
        department_name=HOSTILE,
        segment_name=HOSTILE,
        store_name=HOSTILE + "long" * 40,
    )
    return write_dashboard(path, path.with_name("page.html"), script_cache=script_cache)


@pytest.fixture(scope="session")
def empty_page(tmp_path_factory: pytest.TempPathFactory, script_cache: Path) -> Path:
    path = tmp_path_factory.mktemp("empty") / "tillhouse.duckdb"
    published_file.write_empty_file(path)
    return write_dashboard(path, path.with_name("page.html"), script_cache=script_cache)
