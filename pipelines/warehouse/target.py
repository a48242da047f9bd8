"""Where dbt builds: the target that `dbt_project/profiles.yml` names."""

import yaml
from jinja2 import Environment

from pipelines.settings import Settings
from pipelines.warehouse.dbt import profile_environment


class TargetIsSpark(RuntimeError):
    """The warehouse stands on Spark, where a command does not reach it."""

    def __init__(self) -> None:
        super().__init__(
            "dbt builds on Spark (`target` in dbt_project/profiles.yml), whose tables are not "
            "reached from here: set the target to duckdb, run `tillhouse run` and this command, "
            "and build Spark's tables anew"
        )


def refuse_spark(settings: Settings) -> None:
    """Hold that the warehouse is the house's own file.

    Raises:
        TargetIsSpark: When dbt builds on Spark.
    """
    if spark_session_parameters(settings) is not None:
        raise TargetIsSpark


def spark_session_parameters(settings: Settings) -> dict[str, str] | None:
    """Configuration of the target's Spark session.

    Returns:
        None where dbt builds on DuckDB.
    """
    text = (settings.dbt_project / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(text)["tillhouse"]
    output = profile["outputs"][profile["target"]]
    if output["type"] != "spark":
        return None
    known = profile_environment(settings)
    templates = Environment(autoescape=False)  # noqa: S701 - paths, never a page
    templates.globals["env_var"] = lambda name, default="": known.get(name, default)
    return {
        name: templates.from_string(str(value)).render()
        for name, value in output["server_side_parameters"].items()
    }
