"""`tillhouse identity`: thin commands over explanations and decisions."""

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import duckdb

from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.identity.decisions import Decision

REASON = click.option("--reason", required=True, help="Why; kept with the decision.")
BY = click.option("--by", default=getpass.getuser, help="Who decides; by default who is logged in.")
NEXT_RUN = "decided; it takes effect in the next run, which restates what it touches"


@click.group()
def identity() -> None:
    """Explain and correct which source records are one customer."""


@identity.command("explain")
@click.argument("name", metavar="ID")
@click.pass_obj
def explain_identity(settings: Settings, name: str) -> None:
    """Show each source record of a customer, by which rule or score, since when, by whom.

    ID is a customer id, a source's own number, or SYSTEM:ID. No names and contacts are shown.
    """
    from pipelines.identity.explain import UnknownIdentity, explain

    _need_raw(settings)
    try:
        with duckdb.connect(str(settings.raw_database), read_only=True) as connection:
            click.echo("\n".join(explain(connection, name)))
    except UnknownIdentity as error:
        raise click.ClickException(str(error)) from error


@identity.command()
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@REASON
@BY
@click.pass_obj
def merge(settings: Settings, left: str, right: str, reason: str, by: str) -> None:
    """Decide that A and B, each a customer id or SYSTEM:ID, are one customer."""
    from pipelines.identity.decisions import Decision, decide_merge, find_record

    def write(connection: duckdb.DuckDBPyConnection, decision: Decision) -> None:
        records = find_record(connection, left), find_record(connection, right)
        decide_merge(connection, *records, decision)

    _decide(settings, "merge", reason, by, write)


@identity.command()
@click.argument("record", metavar="SOURCE_SYSTEM:SOURCE_ID")
@REASON
@BY
@click.pass_obj
def split(settings: Settings, record: str, reason: str, by: str) -> None:
    """Decide that a source record stands alone; only a later merge links it again."""
    from pipelines.identity.decisions import Decision, decide_split, find_record

    if ":" not in record:
        raise click.UsageError("name the record as SOURCE_SYSTEM:SOURCE_ID")

    def write(connection: duckdb.DuckDBPyConnection, decision: Decision) -> None:
        decide_split(connection, find_record(connection, record), decision)

    _decide(settings, "split", reason, by, write)


@identity.command()
@REASON
@BY
@click.pass_obj
def accept(settings: Settings, reason: str, by: str) -> None:
    """Decide that the next run may merge more records than gate 19 allows, once."""
    from pipelines.identity.decisions import decide_acceptance

    _decide(settings, "accept", reason, by, decide_acceptance)


def _decide(
    settings: Settings,
    what: str,
    reason: str,
    by: str,
    write: Callable[[duckdb.DuckDBPyConnection, "Decision"], None],
) -> None:
    from pipelines.feeds.kept import open_raw
    from pipelines.identity.decisions import Decision, DecisionRefused
    from pipelines.lock import AlreadyRunning, writer_lock

    _need_raw(settings)
    decision = Decision(
        decided_by=by, reason=reason, decided_at=datetime.now(UTC).replace(tzinfo=None)
    )
    try:
        with (
            writer_lock(settings.lock, f"tillhouse identity {what}"),
            open_raw(settings) as connection,
        ):
            write(connection, decision)
    except AlreadyRunning as error:
        click.echo(f"stopped: {error}", err=True)
        sys.exit(5)
    except DecisionRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(NEXT_RUN)


def _need_raw(settings: Settings) -> None:
    if not settings.raw_database.exists():
        raise click.ClickException(f"{settings.home} holds no data yet; tillhouse run loads it")
