"""The members that the lines of a JSON-lines file have, held against the mapping as a header is."""

from dataclasses import replace

import duckdb

from pipelines.feeds.file_gate import SoundFile, nearest, unmapped_columns
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.reader import lines_of, pointer_to
from pipelines.feeds.refusal import FileRefused
from pipelines.sql import fetch_one, literal


def hold_members(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, sound: SoundFile
) -> SoundFile:
    """A sound file with its unmapped and absent members; only JSON lines have any.

    A line may leave out what it has nothing to say of, so a member is absent where no line has it.
    Where no line is an object nothing is judged here: the rows go to quarantine.

    Raises:
        FileRefused: When no line has a member that the mapping needs, when one has a member that
            the mapping does not allow, or when the lines cannot be read.
    """
    if mapping.format != "jsonl" or not sound.record_count:
        return sound
    lines = (
        f"(select _line from {lines_of([sound.path], has_header=False)} where json_valid(_line))"
    )
    own_names = list(mapping.mapped)
    found = ", ".join(f"bool_or(json_exists(_line, {literal(pointer_to(n))}))" for n in own_names)
    try:
        members = [
            name
            for (name,) in connection.execute(
                f"select distinct unnest(json_keys(_line)) as name from {lines} order by name"
            ).fetchall()
        ]
        if not members:
            return sound
        # Where all stand at the top there is nothing to look for within the lines again.
        absent = [own for own in own_names if own not in members]
        if any("/" in own for own in absent):
            exist = fetch_one(connection, f"select {found} from {lines}")
            absent = [own for own, is_there in zip(own_names, exist, strict=True) if not is_there]
    except duckdb.Error as error:
        raise FileRefused(mapping.format, str(error).splitlines()[0]) from error
    for own in absent:
        column = mapping.contract().column(mapping.mapped[own])
        if column.required and column.default is None:
            near = nearest(own, members)
            raise FileRefused("members", f"no line has the member {own!r}{near}")
    holders = {own.partition("/")[0] for own in own_names if "/" in own}
    return replace(
        sound,
        unmapped=unmapped_columns(tuple(m for m in members if m not in holders), mapping),
        absent=tuple(absent),
    )
