"""`tillhouse privacy`: thin commands over export, erasure and legal hold."""

import getpass
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from pipelines.settings import Settings

CUSTOMER = click.option(
    "--customer", required=True, help="Number of the customer: the warehouse's or a source's."
)

BY = click.option("--by", default=getpass.getuser, help="Who; by default who is logged in.")
REASON = "For the log, which is published: say nothing in it of the person."


@click.group()
def privacy() -> None:
    """Export, erase or hold what is known of a person, and end what is kept for a time."""


@privacy.command()
@CUSTOMER
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory to write into; new or empty.",
)
@BY
@click.pass_obj
def export(settings: Settings, customer: str, out: Path, by: str) -> None:
    """Write every row held on a person as JSON lines, with the scores and their logic in words."""
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.export import export_person
    from pipelines.privacy.person import UnknownCustomer
    from pipelines.warehouse.target import TargetIsSpark

    try:
        with writer_lock(settings.lock, "tillhouse privacy export"):
            counts = export_person(settings, customer, out, accessed_by=by)
    except (AlreadyRunning, UnknownCustomer, FileExistsError, TargetIsSpark) as error:
        raise click.ClickException(str(error.args[0])) from error
    for table, count in counts.items():
        click.echo(f"{count:>9,}  {table}")
    click.echo(f"written to {out}")


def erase_command(rebuild: Callable[[Settings], str | None]) -> click.Command:
    """`tillhouse privacy erase`, for whoever can run a night.

    Args:
        rebuild: Builds and publishes the warehouse; says in words what stopped it.
    """

    @click.command("erase")
    @CUSTOMER
    @click.option("--reason", default="asked for by the person", show_default=True, help=REASON)
    @click.pass_obj
    def erase(settings: Settings, customer: str, reason: str) -> None:
        """Erase a person; run it again when it was stopped.

        Exit code 0: the person is found nowhere in the house. 5: another run goes on. 6: there is
        no TILLHOUSE_PRIVACY_KEY, or another one. 7: the data must be kept. 1: something remains.
        """
        _erase(settings, customer, reason, rebuild)

    return erase


def _erase(
    settings: Settings, customer: str, reason: str, rebuild: Callable[[Settings], str | None]
) -> None:
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.erase import ErasureUnfinished, LegalHold
    from pipelines.privacy.erase import erase as erase_person
    from pipelines.privacy.key import PrivacyKeyChanged, PrivacyKeyMissing
    from pipelines.privacy.person import UnknownCustomer
    from pipelines.privacy.reason import ReasonNamesPerson
    from pipelines.warehouse.target import TargetIsSpark

    codes: dict[type[Exception], int] = {
        AlreadyRunning: 5,
        PrivacyKeyMissing: 6,
        PrivacyKeyChanged: 6,
        LegalHold: 7,
        UnknownCustomer: 1,
        ReasonNamesPerson: 1,
        ErasureUnfinished: 1,
        TargetIsSpark: 1,
    }
    try:
        settings.make_directories()
        with writer_lock(settings.lock, "tillhouse privacy erase"):
            erase_person(
                settings,
                customer,
                reason=reason,
                rebuild=lambda: rebuild(settings),
                on_step=lambda step: click.echo(step, err=True),
            )
    except tuple(codes) as error:
        click.echo(f"not erased: {error.args[0]}", err=True)
        sys.exit(codes[type(error)])
    click.echo("erased: the person is found nowhere in the house")


@privacy.command()
@CUSTOMER
@click.option("--reason", required=True, help=f"Why, such as a law suit. {REASON}")
@click.option(
    "--until",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    required=True,
    help="Last day on which nothing may be erased.",
)
@click.pass_obj
def hold(settings: Settings, customer: str, reason: str, until: datetime) -> None:
    """Keep a person's data until a day, whatever is asked for."""
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.legal_hold import hold as hold_person
    from pipelines.privacy.person import UnknownCustomer
    from pipelines.privacy.reason import ReasonNamesPerson

    try:
        with writer_lock(settings.lock, "tillhouse privacy hold"):
            hold_person(settings, customer, reason=reason, until=until.date())
    except (AlreadyRunning, UnknownCustomer, ReasonNamesPerson) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"held until {until.date()}")


@privacy.command("holds")
@click.pass_obj
def list_holds(settings: Settings) -> None:
    """Show whose data must be kept until when and why, by the number that the hold was set with."""
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.legal_hold import holds

    try:
        with writer_lock(settings.lock, "tillhouse privacy holds"):
            found = holds(settings)
    except AlreadyRunning as error:
        raise click.ClickException(str(error)) from error
    for held in found:
        click.echo(f"{held.until_date}  {held.customer}  {held.reason}")
        if not held.is_bound:
            click.echo(
                f"{held.customer} is nobody's number or that of several people: set the hold again "
                "on whom it means; until its day nobody of that number is erased",
                err=True,
            )


@privacy.command()
@click.argument("record", metavar="SOURCE_SYSTEM:SOURCE_ID")
@BY
@click.pass_obj
def proof(settings: Settings, record: str, by: str) -> None:
    """Show that an erased record had consented to what, as JSON lines, oldest first.

    Exit code 6: there is no TILLHOUSE_PRIVACY_KEY, or another one.
    """
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.consent_proof import show_proof
    from pipelines.privacy.key import PrivacyKeyChanged, PrivacyKeyMissing

    system, colon, number = record.partition(":")
    if not colon:
        raise click.UsageError("name the record as SOURCE_SYSTEM:SOURCE_ID")
    try:
        with writer_lock(settings.lock, "tillhouse privacy proof"):
            found = show_proof(settings, system, number, accessed_by=by)
    except AlreadyRunning as error:
        raise click.ClickException(str(error)) from error
    except (PrivacyKeyMissing, PrivacyKeyChanged) as error:
        click.echo(str(error), err=True)
        sys.exit(6)
    for row in found:
        click.echo(json.dumps(row, default=str))
    if not found:
        raise click.ClickException(f"no consent is kept of an erased record {record}")


def retain_command(rebuild: Callable[[Settings], str | None]) -> click.Command:
    """The command that takes out what is kept no longer.

    Args:
        rebuild: Builds and publishes the warehouse; says in words what stopped it.
    """

    @click.command("retain")
    @click.option("--dry-run", is_flag=True, help="Only say which rows are kept no longer.")
    @click.pass_obj
    def retain(settings: Settings, dry_run: bool) -> None:
        """Take out what is kept no longer, by the seed `retention`; run again when it was stopped.

        Exit code 0: nothing, or nothing any more, is kept too long. 5: another run goes on. 1: a
        rule cannot be followed, or a step could not be done.
        """
        _retain(settings, rebuild, dry_run=dry_run)

    return retain


def _retain(
    settings: Settings, rebuild: Callable[[Settings], str | None], *, dry_run: bool
) -> None:
    from pipelines.lock import AlreadyRunning, writer_lock
    from pipelines.privacy.retention import RetentionUnfinished, left_whole, preview
    from pipelines.privacy.retention import retain as retain_house
    from pipelines.privacy.retention_policy import PolicyError
    from pipelines.warehouse.target import TargetIsSpark

    try:
        settings.make_directories()
        with writer_lock(settings.lock, "tillhouse privacy retain"):
            purged = (
                preview(settings)
                if dry_run
                else retain_house(
                    settings,
                    rebuild=lambda: rebuild(settings),
                    on_step=lambda step: click.echo(step, err=True),
                )
            )
            whole = left_whole(settings)
    except (AlreadyRunning, PolicyError, RetentionUnfinished, TargetIsSpark) as error:
        click.echo(f"not done: {error}", err=True)
        sys.exit(5 if isinstance(error, AlreadyRunning) else 1)
    for rows in purged:
        held = f", of which {rows.held_row_count:,} held" if rows.held_row_count else ""
        click.echo(
            f"{rows.row_count:>9,}  {rows.feed}, {rows.country}, "
            f"week of {rows.fiscal_week_start_date}{held}"
        )
    for name in whole:
        click.echo(f"landing/{name} holds records of closed weeks: send it without them", err=True)
    click.echo("nothing was changed" if dry_run or not purged else "taken out of the whole house")
