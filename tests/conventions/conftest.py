"""One parse of the dbt project and one code location, which all conventions look at."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conventions_project import DbtProject

from pipelines.settings import Settings
from pipelines.warehouse.dbt import manifest_path

if TYPE_CHECKING:
    import dagster as dg

    from tests.conftest import ParsedModels


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A house for the artifacts of dbt."""
    settings = Settings(home=tmp_path_factory.mktemp("conventions"))
    settings.make_directories()
    return settings


@pytest.fixture(scope="session")
def dbt_project(empty_house: Settings, parsed_models: "ParsedModels") -> DbtProject:
    """The dbt project, parsed with every deprecation told."""
    parsed_models.hand_to(empty_house)
    manifest = json.loads(manifest_path(empty_house).read_text(encoding="utf-8"))
    return DbtProject(manifest=manifest, deprecations=parsed_models.deprecations)


@pytest.fixture(scope="session")
def code_location(dbt_project: DbtProject, empty_house: Settings) -> "dg.Definitions":
    """All of Dagster, over the manifest that is parsed already."""
    from pipelines.definitions import build_definitions

    return build_definitions(empty_house)
