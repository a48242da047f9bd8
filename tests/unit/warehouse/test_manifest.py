"""The models are parsed when the manifest is missing or older than one of them."""

import os
from types import SimpleNamespace

import pytest

from pipelines.warehouse import dbt
from pipelines.warehouse.dbt import DbtFailed, ensure_manifest, manifest_path


@pytest.fixture
def parses(house, tmp_path, monkeypatch):
    """A house of one old model, and the commands that dbt was given."""
    house = house.model_copy(update={"project": tmp_path / "project"})
    model = house.dbt_project / "models" / "dim_store.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select 1", encoding="utf-8")
    os.utime(model, (1, 1))
    told = []

    def parse(settings, arguments):
        told.append(arguments)
        manifest_path(settings).parent.mkdir(parents=True, exist_ok=True)
        manifest_path(settings).write_text("{}", encoding="utf-8")
        return SimpleNamespace(success=True)

    monkeypatch.setattr(dbt, "invoke_dbt", parse)
    return SimpleNamespace(house=house, model=model, told=told)


def test_the_manifest_is_parsed_again_when_a_model_changed(parses):
    assert ensure_manifest(parses.house) == manifest_path(parses.house)
    assert parses.told == [["--quiet", "parse"]]
    ensure_manifest(parses.house)
    assert len(parses.told) == 1
    later = manifest_path(parses.house).stat().st_mtime + 1
    os.utime(parses.model, (later, later))
    ensure_manifest(parses.house)
    assert len(parses.told) == 2


def test_models_that_do_not_parse_are_an_error_with_what_dbt_says(parses, monkeypatch):
    said = SimpleNamespace(success=False, exception=ValueError("no such macro"))
    monkeypatch.setattr(dbt, "invoke_dbt", lambda settings, arguments: said)
    with pytest.raises(DbtFailed, match="does not parse: no such macro"):
        ensure_manifest(parses.house)
