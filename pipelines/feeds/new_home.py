"""Lays down a new home: its directories, a README, and an example with its mapping."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path


class HomeExists(FileExistsError):
    """The directory holds a home already; the message names what stands there."""


def lay_down_home(home: Path) -> list[Path]:
    """Copy the files of a new home; nothing that stands there is changed.

    Returns:
        The files that were written, below the home.

    Raises:
        HomeExists: When one of them is there already.
    """
    with as_file(files("pipelines") / "new_home") as source:
        names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
        if standing := [name for name in names if (home / name).exists()]:
            raise HomeExists(f"{home / standing[0]} is there already; nothing was changed")
        for name in names:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, home / name)
    return names
