"""Sizes, headers and words of files, and that what is written about files is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conventions_project import place, project_files

from pipelines.settings import PROJECT_ROOT, Settings

MAX_SQL_LINES = 120
MAX_MODULE_LINES = 400

TEXT_SUFFIXES = {
    "", ".cfg", ".css", ".csv", ".example", ".html", ".in", ".j2", ".js", ".md", ".py", ".sh",
    ".sql", ".sqlfluff", ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip

OF_A_HOME = {
    "answer_key", "builds", "current", "dagster", "landing", "mappings", "published", "quality",
    "var",
}  # fmt: skip
"""First parts of paths that documents name and that stand in a house, not in the project."""


def texts() -> list[tuple[str, str]]:
    """Place and text of every file that people read."""
    return [
        (place(path), path.read_text(encoding="utf-8"))
        for path in project_files()
        if path.suffix in TEXT_SUFFIXES
    ]


def documents() -> list[Path]:
    """The Markdown files at the root and in docs/."""
    return [*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").rglob("*.md")]


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def models(*folders: str) -> list[Path]:
    root = PROJECT_ROOT / "dbt_project" / "models"
    return [path for folder in folders for path in (root / folder).rglob("*.sql")]


def test_a_model_or_test_fits_on_two_screens() -> None:
    files = [*models("."), *(PROJECT_ROOT / "dbt_project" / "data_tests").rglob("*.sql")]
    assert files
    assert {place(p): n for p in files if (n := line_count(p)) > MAX_SQL_LINES} == {}


def test_a_module_has_one_subject() -> None:
    files = [path for path in project_files() if path.suffix == ".py" and "tests" not in path.parts]
    assert {place(p): n for p in files if (n := line_count(p)) > MAX_MODULE_LINES} == {}


@pytest.mark.parametrize("folder", ["intermediate", "core", "marts", "meta"])
def test_a_model_opens_with_its_grain(folder: str) -> None:
    silent = []
    for path in models(folder):
        text = re.sub(
            r"\A\s*\{\{ config\(.*?\) \}\}\n", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        if not text.lstrip().startswith("-- Grain: "):
            silent.append(place(path))
    assert silent == []


def test_nothing_is_left_to_do_in_the_files() -> None:
    unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    assert [name for name, text in texts() if unfinished.search(text)] == []


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    machine = re.compile(r"(?<![\w.}])/(?:work|root|home|Users|tmp/th)/|[A-Z]:\\\\Users")
    assert [name for name, text in texts() if machine.search(text)] == []


def test_every_macro_says_what_it_is_for() -> None:
    bare = []
    for path in (PROJECT_ROOT / "dbt_project" / "macros").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        if "{#-" not in text:
            bare.append(place(path))
    assert bare == []


def test_differences_between_engines_live_in_dispatched_macros_only() -> None:
    fork = re.compile(r"target\.(type|name)|is_duckdb|is_spark")
    assert [place(p) for p in models(".") if fork.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("pattern", [r"\bqualify\b", r"\bexclude\s*\(", r"\bfilter\s*\("])
def test_models_use_no_sql_that_only_duckdb_has(pattern: str) -> None:
    found = [
        place(path)
        for path in models(".")
        if re.search(pattern, _without_comments(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_every_window_decides_where_null_goes() -> None:
    """DuckDB and Spark sort NULL to different ends, and a window would pick another row."""
    undecided = []
    for path in [*models("."), *(PROJECT_ROOT / "dbt_project" / "macros").glob("*.sql")]:
        code = _without_comments(path.read_text(encoding="utf-8"))
        for window in re.findall(r"\bover\s*\(((?:[^()]|\([^()]*\))*)\)", code):
            order = re.search(
                r"order by(?! \{\{)(.*?)((rows|range) between.*)?$", window, re.DOTALL
            )
            terms = re.split(r",(?![^()]*\))", order[1]) if order else []
            if any(not re.search(r"nulls (first|last)\s*$", term) for term in terms):
                undecided.append(f"{place(path)}: {' '.join(window.split())}")
    assert undecided == []


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|\{#.*?#\}", "", sql, flags=re.DOTALL)


def test_documents_name_only_paths_that_exist() -> None:
    missing = []
    for document in documents():
        text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        named = set(re.findall(r"`([^`\s]+)`", text))
        linked = set(re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", text))
        missing += [
            f"{place(document)}: {name}"
            for name in sorted({name for name in named if _is_path(name)} | linked)
            if not _exists(name, document.parent)
        ]
    assert missing == []


def _is_path(name: str) -> bool:
    if not re.fullmatch(r"[\w.*/<>{}-]+", name) or name.startswith(("/", "http")):
        return False
    suffixes = (".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".txt", ".csv")
    first = name.split("/")[0]
    if first in OF_A_HOME or "<" in name or "{" in name or name in suffixes:
        return False
    return "/" in name or name.endswith(suffixes)


def _exists(name: str, beside: Path) -> bool:
    pattern = name.rstrip("/")
    roots = [PROJECT_ROOT, beside, PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "pipelines"]
    if any(next(root.glob(pattern), None) for root in roots if ".." not in pattern):
        return True
    if (beside / pattern).exists():
        return True
    return "/" not in pattern and any(path.name == pattern for path in project_files())


def test_documents_name_only_commands_that_exist() -> None:
    from pipelines.cli import main

    verbs = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for document in documents():
        text = document.read_text(encoding="utf-8")
        code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
        wrong += [f"make {v}" for v in re.findall(r"\bmake ([a-z-]+)", code) if v not in verbs]
        wrong += [
            f"tillhouse {command}"
            for command in re.findall(r"(?:^|[`/ $])tillhouse ([a-z-]+)", code, re.MULTILINE)
            if command not in main.commands
        ]
    assert wrong == []


def test_the_environment_example_lists_every_setting_with_its_default() -> None:
    """But the project's own place, which differs everywhere: it stands there as a comment."""
    text = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^TILLHOUSE_(\w+)=(.*)$", text, re.MULTILINE))
    commented = set(re.findall(r"^# TILLHOUSE_(\w+)=", text, re.MULTILINE))
    assert {*listed, *commented} == {name.upper() for name in Settings.model_fields}
    assert commented == {"PROJECT"}
    given = Settings.model_validate({name.lower(): value for name, value in listed.items()})
    defaults = Settings.model_construct()
    assert given.home == defaults.home.absolute()
    assert given.model_dump(exclude={"home"}) == defaults.model_dump(exclude={"home"})


def test_only_settings_reads_the_environment() -> None:
    """What runs dbt puts back what stood there before it wrote, and Dagster's home is written."""
    reads = re.compile(r"getenv\(|environ\.get\(|environ\[[^\]]+\](?! = )|in os\.environ")
    readers = {
        place(path)
        for path in (PROJECT_ROOT / "pipelines").rglob("*.py")
        if reads.search(path.read_text(encoding="utf-8"))
    }
    assert readers <= {"pipelines/warehouse/dbt.py"}
