"""Which engine dbt builds on, by its profile."""

from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse.target import spark_session_parameters

PROFILE = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text("utf-8")


@pytest.fixture
def on_spark(tmp_path: Path) -> Settings:
    """A house whose profile names the Spark target."""
    (tmp_path / "dbt_project").mkdir()
    text = PROFILE.replace("  target: duckdb\n", "  target: spark\n")
    (tmp_path / "dbt_project" / "profiles.yml").write_text(text, "utf-8")
    return Settings(home=tmp_path / "home", project=tmp_path)


def test_a_house_on_duckdb_has_no_spark_session(house):
    assert spark_session_parameters(house) is None


def test_the_session_is_configured_as_that_of_dbt(on_spark):
    parameters = spark_session_parameters(on_spark)
    assert parameters is not None
    assert parameters["spark.master"] == "local[2]"
    assert parameters["spark.sql.ansi.enabled"] == "true"
    assert parameters["spark.sql.warehouse.dir"] == f"{on_spark.home}/spark/warehouse"
