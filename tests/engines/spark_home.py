"""A home on Spark: raw tables as Parquet files, and dbt's Spark target in a process of its own."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from spark_settings import write_settings

from pipelines.settings import PROJECT_ROOT
from pipelines.sql import literal, quote

MINIMUM_JAVA = 17
"""Spark 4 is compiled for it."""

RAW_SCHEMAS = ("feeds", "identity", "ledger", "retention")
PRIVACY_VIEWS = ("customer_hash", "erasure_request", "access")
"""What of the schema `privacy` dbt reads; the rest is personal data."""

MADE_IN_PYTHON = (
    "int_value_model__fitted",
    "int_occasion__scored",
    "int_affinity_member__grouped",
    "int_store__clustered",
)
"""Models that DuckDB's build makes for both engines, in the schema `intermediate`."""


def missing_for_spark() -> str | None:
    """Why Spark cannot run here, in one line; None when it can."""
    modules = ("pyspark", "dbt.adapters.spark")
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed"
    return _missing_java()


def _missing_java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return f"there is no Java here; install a JRE {MINIMUM_JAVA} or newer"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    if found is None or int(found[1]) < MINIMUM_JAVA:
        version = found[1] if found else "of unknown version"
        return f"Java here is {version}; Spark needs {MINIMUM_JAVA} or newer"
    return None


def skip_without_spark(undone: str) -> None:
    """Skip the calling module in one loud line where Spark cannot run, or fail if it must.

    Called by the module and not in a fixture: a module skips in one line, its tests in one each.
    """
    missing = missing_for_spark()
    if missing is None:
        return
    message = f"{undone}: {missing}"
    if os.environ.get("TILLHOUSE_REQUIRE_SPARK") == "1":
        pytest.fail(f"{message} (TILLHOUSE_REQUIRE_SPARK=1)", pytrace=False)
    pytest.skip(message, allow_module_level=True)


class SparkFailed(AssertionError):
    """What runs on Spark did not go through; the message ends with what was said last."""


@dataclass
class SparkHome:
    """Directory of one Spark build: raw Parquet, settings, warehouse and logs, and its process."""

    path: Path
    _worker: subprocess.Popen[str] | None = None

    @property
    def raw(self) -> Path:
        """Parquet files that stand for raw.duckdb."""
        return self.path / "raw"

    @property
    def conf(self) -> Path:
        """Settings of Spark, and the profile of dbt."""
        return self.path / "conf"

    @property
    def warehouse(self) -> Path:
        """Spark's tables: `<schema>.db/<table>/`."""
        return self.path / "spark" / "warehouse"

    def table(self, name: str) -> Path:
        """Directory of a table, named with its schema."""
        schema, table = name.split(".")
        return self.warehouse / f"{schema}.db" / table

    def tables(self, schema: str) -> set[str]:
        """Names of the tables that Spark has files of."""
        return {f"{schema}.{path.name}" for path in (self.warehouse / f"{schema}.db").iterdir()}

    def prepare(self) -> None:
        """Write the settings that Java, Spark and dbt read from files."""
        self.conf.mkdir(parents=True)
        write_settings(self.conf)

    def export_raw(self, raw_database: Path) -> None:
        """Write each table and view of raw, and what Python made, as one Parquet file, anew."""
        with duckdb.connect(str(raw_database), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_catalog = 'raw' and (list_contains(?, table_schema) "
                "or table_schema = 'privacy' and list_contains(?, table_name) "
                "or table_schema = 'intermediate' and list_contains(?, table_name))",
                [list(RAW_SCHEMAS), list(PRIVACY_VIEWS), list(MADE_IN_PYTHON)],
            ).fetchall()
            for schema, name in names:
                directory = self.raw / schema / name
                directory.mkdir(parents=True, exist_ok=True)
                target = literal(str(directory / "part.parquet"))
                connection.execute(
                    f"copy (from {quote(schema)}.{quote(name)}) to {target} (format parquet)"
                )

    def dbt(self, *arguments: str, timeout: float = 900) -> None:
        """Run dbt on the Spark target.

        Raises:
            SparkFailed: When dbt did.
        """
        project = str(PROJECT_ROOT / "dbt_project")
        command = [
            *("--no-write-json", "--log-level-file", "none"),
            *arguments,
            *("--project-dir", project, "--profiles-dir", str(self.conf)),
            *("--target-path", str(self.path / "target"), "--log-path", str(self.path / "logs")),
            *("--vars", f"{{raw_directory: '{self.raw}'}}"),
        ]
        worker = self._worker = self._worker or self._start_worker()
        assert worker.stdin
        assert worker.stdout
        watch = threading.Timer(timeout, worker.kill)
        watch.start()
        worker.stdin.write(json.dumps(command) + "\n")
        worker.stdin.flush()
        answer = worker.stdout.readline()
        watch.cancel()
        if answer != "true\n":
            printed = self._printed.read_text(encoding="utf-8", errors="replace")
            raise SparkFailed(f"dbt on Spark failed:\n{printed[-6000:]}")

    def stop(self) -> None:
        """End the process that runs Spark, where there is one."""
        if self._worker:
            self._worker.communicate(timeout=60)
            self._worker = None

    def run(self, command: list[str], *, timeout: float) -> None:
        """Run a command that starts a Spark of its own, with this home's settings.

        Raises:
            SparkFailed: When the command did, with the end of what it printed.
        """
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            raise SparkFailed(f"on Spark failed:\n{done.stdout[-6000:]}")

    @property
    def _environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "TILLHOUSE_HOME": str(self.path),
            "SPARK_CONF_DIR": str(self.conf),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.path / "scratch"),
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
        }
        for name in ("SPARK_HOME", "PYSPARK_SUBMIT_ARGS"):
            environment.pop(name, None)
        return environment

    @property
    def _printed(self) -> Path:
        return self.path / "dbt.out"

    def _start_worker(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, Path(__file__).with_name("spark_worker.py"), self._printed],
            cwd=self.path,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
