"""The command line: thin commands over the functions that do the work."""

import json
import os
import sys
from datetime import date
from pathlib import Path

import click
from pydantic import ValidationError

from pipelines.faults import in_words
from pipelines.feeds.mapping import MappingError, load_mappings
from pipelines.feeds.refusal import FileRefused
from pipelines.identity.commands import identity
from pipelines.privacy.commands import erase_command, privacy, retain_command
from pipelines.settings import Settings
from pipelines.window import Window

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
@click.version_option(package_name="tillhouse")
@click.pass_context
def main(context: click.Context) -> None:
    """Tillhouse: from the tills' files to marts that add up.

    The house stands in TILLHOUSE_HOME, by default ./var.
    """
    try:
        context.obj = Settings()
    except ValidationError as error:
        raise click.UsageError(in_words(error)) from error


@main.command()
@click.option("--date", "one_date", type=DATE, help="Load up to this business date and rebuild it.")
@click.option("--from", "first", type=DATE, help="First business date to rebuild.")
@click.option("--to", "last", type=DATE, help="Last business date to load and rebuild.")
@click.option("--all", "everything", is_flag=True, help="Everything that has landed.")
@click.pass_obj
def run(
    settings: Settings,
    one_date: date | None,
    first: date | None,
    last: date | None,
    everything: bool,
) -> None:
    """Load what landed, build, check and publish.

    Exit code 0: published. 3: the data are bad. 4: the gate itself is broken. 5: another run
    goes on. 6: people are named and TILLHOUSE_PRIVACY_KEY is missing, or another one than before.
    1: anything else. Unless 0, the published build is the one from before.
    """
    sys.exit(_run(settings, _window(one_date, first, last, everything)))


def _window(
    one_date: date | None, first: date | None, last: date | None, everything: bool
) -> Window:
    given = [one_date is not None, first is not None or last is not None, everything]
    if sum(given) != 1:
        raise click.UsageError("say either --date D, or --from A --to B, or --all")
    if everything:
        return Window()
    if one_date:
        first = last = one_date
    if first is None or last is None:
        raise click.UsageError("--from and --to go together")
    try:
        return Window(_day(first), _day(last))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _day(moment: date) -> date:
    return date(moment.year, moment.month, moment.day)


def _run(settings: Settings, window: Window) -> int:
    from pipelines.lock import AlreadyRunning
    from pipelines.nightly import run_nightly

    try:
        outcome = run_nightly(settings, window)
    except (AlreadyRunning, MappingError) as error:
        click.echo(f"stopped: {error}", err=True)
        return 5 if isinstance(error, AlreadyRunning) else 2
    _print_state(settings)
    if outcome.exit_code:
        step = (outcome.step or "the run").replace("_", " ")
        click.echo(f"\nstopped in {step}:\n{outcome.reason}", err=True)
        if settings.published.joinpath("current").exists():
            click.echo("the published build is the one from before", err=True)
    return outcome.exit_code


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Show feeds, rows, gate and published build."""
    from pipelines.status import read_state

    if as_json:
        click.echo(json.dumps(read_state(settings).as_json(), indent=2, default=str))
    else:
        _print_state(settings)


def _print_state(settings: Settings) -> None:
    from pipelines.status import read_state

    state = read_state(settings)
    if state.feeds:
        click.echo(
            f"\n{'feed':<18}{'files':>6}{'rows in':>13}{'loaded':>13}{'quarantined':>13}"
            f"{'duplicate':>11}  dates"
        )
    for feed in state.feeds:
        none = "no rows" if feed.files else "no feed"
        dates = f"{feed.first_date} to {feed.last_date}" if feed.last_date else none
        click.echo(
            f"{feed.feed:<18}{feed.files:>6}{feed.rows:>13,}{feed.loaded:>13,}"
            f"{feed.quarantined:>13,}{feed.duplicate:>11,}  {dates}"
        )
    for name, reason in state.refused.items():
        click.echo(f"refused: {name}: {reason}")
    for request in state.unfinished_erasures:
        click.echo(
            f"erasure {request} is not finished: run `tillhouse privacy erase` again with any of "
            "the person's numbers"
        )
    if state.unbound_holds:
        click.echo(
            f"{state.unbound_holds} legal hold(s) are on a number of nobody or of several people: "
            "`tillhouse privacy holds` shows which, set them again"
        )
    if state.note:
        click.echo(state.note)
    if state.verdict:
        suites = state.verdict.suites
        rules = sum(suite.evaluated_count for suite in suites)
        click.echo(f"\ngate: {state.verdict.status}, {rules} rules in {len(suites)} suites")
    if state.build:
        click.echo(
            f"published: build {state.build.build_id}, "
            f"up to {state.build.last_business_date or 'no day'}, "
            f"{state.build.size_bytes / 1e6:,.0f} MB\n"
            f"  {settings.published / 'current' / 'tillhouse.duckdb'}\n"
            f"  {settings.published / 'current' / 'dashboard.html'}"
        )
    else:
        click.echo("published: nothing yet")


@main.command()
@click.pass_obj
def init(settings: Settings) -> None:
    """Lay down a home: directories, a README, and an example with its mapping."""
    from pipelines.feeds.new_home import HomeExists, lay_down_home

    settings.make_directories()
    try:
        names = lay_down_home(settings.home)
    except HomeExists as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"a new home stands in {settings.home}; begin with its {names[0]}")


@main.command("map")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", required=True, help="Feed that the file is, such as pos_line.")
@click.pass_obj
def propose(settings: Settings, file: Path, feed: str) -> None:
    """Look at FILE and propose a mapping; its comments say what you must decide."""
    from pipelines.feeds.contract import load_contracts
    from pipelines.feeds.proposal import propose_mapping

    if feed not in load_contracts():
        raise click.UsageError(f"feed {feed!r} is none of {', '.join(load_contracts())}")
    try:
        click.echo(propose_mapping(file, feed, name=_landing_name(settings, file)), nl=False)
    except FileRefused as error:
        raise click.ClickException(f"{file.name}: {error}") from error


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Name below landing/ to check it under; default: as it lies there.")
@click.option("--rows", default=10, show_default=True, help="Bad rows to print.")
@click.pass_obj
def check(settings: Settings, file: Path, name: str | None, rows: int) -> None:
    """Try FILE: the whole file gate and the contract, without loading it.

    Exit code 0: every row would load. 3: the file would be refused or rows quarantined.
    """
    from pipelines.feeds.check import check_file

    try:
        results = check_file(
            file,
            name=name or _landing_name(settings, file),
            mappings=load_mappings(settings.mappings),
            work=settings.work,
            show_rows=rows,
        )
    except (FileRefused, MappingError) as error:
        click.echo(f"{file.name} would be refused: {error}", err=True)
        sys.exit(3)
    for result in results:
        click.echo(
            f"{file.name}: feed {result.feed}, mapping {result.mapping}\n"
            f"{result.row_count:,} rows = {result.loaded_count:,} loaded + "
            f"{result.quarantined_count:,} quarantined + {result.duplicate_count:,} duplicate"
        )
        if result.unmapped:
            click.echo(f"columns that no mapping names: {', '.join(result.unmapped)}")
        for row in result.bad_rows:
            click.echo(f"  line {row.line_number}: {row.reasons}")
    sys.exit(3 if any(result.quarantined_count for result in results) else 0)


def _landing_name(settings: Settings, file: Path) -> str:
    try:
        return file.resolve().relative_to(settings.landing.resolve()).as_posix()
    except ValueError:
        return file.name


@main.command()
@click.option("--until", default="2017-12-31", help="Leave out days after this one.")
@click.pass_obj
def demo(settings: Settings, until: str) -> None:
    """Lay down The Complete Journey as a retailer would deliver it, and run the main job."""
    from pipelines.demo.complete_journey import DemoDataMissing, lay_down

    settings.make_directories()
    click.echo(f"laying down a year of sales in {settings.landing}", err=True)
    try:
        lay_down(
            settings.landing, settings.mappings, lambda text: click.echo(text, err=True), until
        )
    except DemoDataMissing as error:
        raise click.ClickException(str(error)) from error
    sys.exit(_run(settings, Window()))


@main.command(name="simulate")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Home to write."
)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "small", "large"]),
    default="tiny",
    show_default=True,
    help="Size of the retailer.",
)
@click.option("--lines", type=int, help="Receipt lines, instead of a named size.")
@click.option("--seed", default=20240128, show_default=True, help="Seeds every draw.")
def simulate_home(out: Path, scale: str, lines: int | None, seed: int) -> None:
    """Write a simulated retailer's home: landing files of every feed, mappings, answer key."""
    from pipelines.simulation.scale import SCALES, scale_for_lines
    from pipelines.simulation.simulate import HomeNotEmpty, simulate

    try:
        counts = simulate(
            out,
            scale=scale_for_lines(lines) if lines else SCALES[scale],
            seed=seed,
            on_progress=lambda text: click.echo(text, err=True),
        )
    except (HomeNotEmpty, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{counts['lines']:,} receipt lines in {counts['files']:,} files below {out}")


@main.group()
def explain() -> None:
    """Tell in words what the published build knows."""


@explain.command("customer")
@click.argument("name", metavar="ID")
@click.pass_obj
def explain_customer(settings: Settings, name: str) -> None:
    """Tell a customer's story: its value, why this tier, what changed since last month, what next.

    ID is a customer id, a source's own number, or SYSTEM:ID. No names and contacts are shown.
    """
    import duckdb

    from pipelines.publishing.builds import current_build
    from pipelines.value.story import UnknownCustomer, tell

    build = current_build(settings.published)
    if build is None:
        raise click.ClickException("nothing is published yet")
    try:
        with duckdb.connect(str(build.database), read_only=True) as connection:
            click.echo("\n".join(tell(connection, name)))
    except UnknownCustomer as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port of the pages.")
@click.pass_obj
def dev(settings: Settings, port: int) -> None:
    """Serve assets, checks, jobs and the schedule with Dagster's own pages."""
    from pipelines.nightly import write_dagster_yaml

    settings.make_directories()
    write_dagster_yaml(settings)
    os.environ["TILLHOUSE_HOME"] = str(settings.home)
    workspace = str(settings.project / "workspace.yaml")
    program = str(Path(sys.executable).with_name("dagster"))
    os.execv(program, [program, "dev", "--workspace", workspace, "--port", str(port)])  # noqa: S606 - our own interpreter's program, no shell


def _rebuild(settings: Settings) -> str | None:
    """Build and publish everything that has landed; says in words what stopped it."""
    from pipelines.nightly import run_nightly

    outcome = run_nightly(settings, Window())
    return (outcome.reason or "the run failed") if outcome.exit_code else None


main.add_command(identity)
privacy.add_command(erase_command(_rebuild))
privacy.add_command(retain_command(_rebuild))
main.add_command(privacy)


if __name__ == "__main__":
    main()
