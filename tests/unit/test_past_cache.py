"""A copy is the file, on file systems that can leave out the cache and on others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines import past_cache
from pipelines.digest import copy, digest_of
from pipelines.past_cache import opened


@pytest.fixture(params=["leaves out the cache", "has no such flag", "refuses the flag"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "has no such flag":
        monkeypatch.setattr(past_cache, "_DIRECT", 0)
    if request.param == "refuses the flag":
        monkeypatch.setattr(past_cache, "_DIRECT", os.O_DIRECTORY)


@pytest.mark.usefixtures("file_system")
@pytest.mark.parametrize("size_bytes", [0, 7, 4096, 8 * 2**20, 17 * 2**20 + 12_288, 4097])
def test_a_copy_is_the_file(tmp_path: Path, size_bytes: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size_bytes))
    target.write_bytes(b"longer than what comes" * 10)
    written = copy(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert written == digest_of(target) == digest_of(source)


@pytest.mark.parametrize("past_cache", [False, True])
def test_a_file_that_is_missing_is_an_error(tmp_path: Path, past_cache: bool) -> None:
    with (
        pytest.raises(FileNotFoundError),
        opened(tmp_path / "missing", os.O_RDONLY, past_cache=past_cache),
    ):
        pass
