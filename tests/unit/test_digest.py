"""A digest is of every byte, and what DuckDB left as it was needs no second reading."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from pipelines import digest
from pipelines.digest import copy, digest_of

SPLIT = "split --bytes {} --filter 'sha256sum | cut -c 1-64' {} | sha256sum"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "PART_BYTES", 2**20)
    monkeypatch.setattr(digest, "_PIECE_BYTES", 2**20)


@pytest.fixture
def database(tmp_path: Path, small_parts: None) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table fact as select i, hash(i) as h from range(900000) t(i)")
    return path


def test_coreutils_say_the_same_digest(database: Path) -> None:
    told = subprocess.run(
        ["/bin/sh", "-c", SPLIT.format(2**20, database)], check=True, capture_output=True, text=True
    )
    assert told.stdout.split()[0] == digest_of(database).sha256


def test_what_duckdb_writes_is_found_without_reading_the_rest(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = digest_of(database)
    assert len(known.parts) == 8
    choice = random.Random(5)
    read: list[int] = []
    whole = digest._read

    def counted(file: int, start: int) -> tuple[str, bytes]:
        read.append(start)
        return whole(file, start)

    for night in range(12):
        first = choice.randrange(900_000)
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"delete from fact where i between {first} and {first + 9000}")
            connection.execute(
                f"insert into fact select i, {night} from range({first}, {first + 99}) t(i)"
            )
            connection.execute(f"update fact set h = {night} where i = {first - 1}")
            if night % 4 == 3:
                connection.execute(
                    f"create table night_{night} as select i from range(200000) t(i)"
                )
        read.clear()
        monkeypatch.setattr(digest, "_read", counted)
        quick = digest_of(database, known=known)
        monkeypatch.setattr(digest, "_read", whole)
        known = digest_of(database)
        assert quick == known
        assert 0 < len(read) < len(known.parts)


def test_damage_is_found_by_who_reads_all(database: Path) -> None:
    known = digest_of(database)
    flip(database, 3 * 2**20 + 5000)
    assert digest_of(database, known=known) == known
    assert digest_of(database) != known
    assert digest_of(database).parts[3] != known.parts[3]


def test_a_copy_is_digested_without_hashing_what_its_checksums_prove(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, target = digest_of(database), database.with_name("copy.duckdb")
    read: list[int] = []
    whole = digest._read
    monkeypatch.setattr(
        digest, "_read", lambda file, start: read.append(start) or whole(file, start)
    )
    assert copy(database, target, known=known) == known
    assert read == [0], "just the part with the header, whose pages are not worked out"
    assert target.read_bytes() == database.read_bytes()


@pytest.mark.parametrize("place", [100, 3 * 2**20 + 5000, 4 * 2**20 + 7, 5 * 2**20 - 9])
def test_damage_is_found_while_a_file_is_copied(database: Path, place: int) -> None:
    known, target = digest_of(database), database.with_name("copy.duckdb")
    flip(database, place)
    assert copy(database, target, known=known) == digest_of(database) != known
    assert target.read_bytes() == database.read_bytes()


def test_what_was_changed_and_is_sound_is_another_file(database: Path) -> None:
    known, target = digest_of(database), database.with_name("copy.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update fact set h = 7 where i = 400000")
    assert copy(database, target, known=known) == digest_of(database) != known


def flip(path: Path, place: int) -> None:
    """Change one bit of a byte."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("content", [b"", b"no database", b"x" * 3_000_000])
def test_any_other_file_is_read_whole(tmp_path: Path, small_parts: None, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    known = digest_of(path)
    assert digest_of(path, known=known) == known
    if content:
        path.write_bytes(content[:-1] + b"?")
        assert digest_of(path, known=known) != known


def test_a_file_cut_short_is_another_one(database: Path) -> None:
    known = digest_of(database)
    cut = database.with_name("cut")
    shutil.copyfile(database, cut)
    with cut.open("r+b") as file:
        file.truncate(known.size_bytes - 262_144)
    assert digest_of(cut, known=known) == digest_of(cut) != known
