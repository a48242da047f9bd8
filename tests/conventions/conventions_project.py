"""What the conventions look at: dbt's view of the project, and the project's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.settings import PROJECT_ROOT

Node = dict[str, Any]

NO_SOURCES = {
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".uv",
    ".venv",
    "__pycache__",
    "logs",
    "metastore_db",
    "spark-warehouse",
    "target",
    "tillhouse.egg-info",
    "var",
    "work",
}
"""Directories of what was built, installed or delivered."""


@dataclass(frozen=True, kw_only=True)
class DbtProject:
    """What dbt makes of the project."""

    manifest: dict[str, Any]
    deprecations: list[str]

    def nodes(self, kind: str) -> list[Node]:
        """The nodes of a resource type."""
        return [n for n in self.manifest["nodes"].values() if n["resource_type"] == kind]

    def models(self, *layers: str) -> list[Node]:
        """The models of some layers, or of all."""
        return [n for n in self.nodes("model") if not layers or layer_of(n) in layers]

    def singular_tests(self) -> list[Node]:
        """The tests that are files of their own."""
        return [node for node in self.nodes("test") if not node.get("test_metadata")]

    def upstream(self, node: Node) -> list[Node]:
        """The sources, seeds and models that a node reads."""
        return [
            self.manifest["sources"].get(unique_id) or self.manifest["nodes"][unique_id]
            for unique_id in node["depends_on"]["nodes"]
        ]


def layer_of(node: Node) -> str:
    """`source:raw`, `seed`, or the first folder below models/."""
    if node["resource_type"] == "source":
        return f"source:{node['source_name']}"
    return str(node["fqn"][1]) if node["resource_type"] == "model" else str(node["resource_type"])


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is a source of the project."""
    return tuple(sorted(_files(PROJECT_ROOT)))


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.is_dir() and path.name not in NO_SOURCES:
            yield from _files(path)
        elif path.is_file():
            yield path


def place(path: Path) -> str:
    """The path as a reader of the project knows it."""
    return path.relative_to(PROJECT_ROOT).as_posix()
