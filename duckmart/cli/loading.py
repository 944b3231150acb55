"""Commands that make data and load it: generate, load, append."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from duckmart.cli.console import clear_progress, progress, say
from duckmart.cli.root import cli
from duckmart.data import generate as demo
from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.data.load import LoadReport, Options, load, read_options, saved
from duckmart.data.load.append import append
from duckmart.data.load.overrides import TIME_TYPES, TYPES
from duckmart.errors import LoadError
from duckmart.impact import with_segments
from duckmart.instants import now
from duckmart.settings import Settings
from duckmart.spec.examples import CLUB, DEMOS, SHOP
from duckmart.spec.json_text import to_json

Words = tuple[str, ...]


@cli.command()
@click.option(
    "--demo",
    "story",
    type=click.Choice(DEMOS),
    default=SHOP,
    show_default=True,
    help="club: a small one with birthdays, tags and the days plans end; its sizes are its own.",
)
@click.option("--users", type=click.IntRange(0), default=demo.DEFAULT_USERS, show_default=True)
@click.option("--events", type=click.IntRange(0), default=demo.DEFAULT_EVENTS, show_default=True)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=demo.DEFAULT_SEED,
    show_default=True,
    help="The same seed gives the same files.",
)
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%d"]),
    default=demo.DEFAULT_END.isoformat(),
    show_default=True,
    help="The last day with events.",
)
@click.option("--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to. [default: the data folder]",
)
@click.pass_obj
def generate(settings: Settings, /, story: str, out: Path | None, end: datetime, **options: Any) -> None:
    """Make demo files: user_attributes and user_events."""
    folder = out or settings.data
    options |= {"end": end.date(), "format": options.pop("kind")}
    if story == CLUB:
        sizes = {name: options.pop(name) for name in ("users", "events")}
        if given := [name for name in sizes if _is_given(name)]:
            raise click.UsageError(f"--{given[0]} is for the shop: the club's sizes are its own")
        files = demo.generate_club(folder, **options)
    else:
        with progress() as report:
            files = demo.generate(folder, **options, progress=report)
    say(f"{files.user_count:,} users in {files.users}, {files.event_count:,} events in {files.events}")


def _is_given(option: str) -> bool:
    context = click.get_current_context()
    return context.get_parameter_source(option) is not ParameterSource.DEFAULT


OVERRIDES = (
    click.option(
        "--save-mapping",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Write the headers, types and null markers used here to a file for --mapping.",
    ),
    click.option(
        "--null",
        "nulls",
        metavar="[COLUMN=]TEXT",
        multiple=True,
        help="Cells that are this text have no value: NA, or plan=NA for one column.",
    ),
    click.option(
        "--type",
        "types",
        metavar="COLUMN=TYPE",
        multiple=True,
        help="What a column holds, where its cells leave a doubt: price=number, users.joined=day_first. "
        f"Types: {', '.join(TYPES)}; timestamp also {', '.join(TIME_TYPES[-2:])}.",
    ),
)


@dataclass(frozen=True)
class Reading:
    """How the command is to read its files, and where that is to be saved."""

    options: Options
    save_mapping: Path | None


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Add options that say what columns hold; the command gets them, --map and --strict as one `reading`."""

    @wraps(command)
    def run(
        *given: Any,
        names: Words,
        types: Words,
        nulls: Words,
        strict: bool,
        save_mapping: Path | None,
        **more: Any,
    ) -> None:
        command(
            *given, reading=Reading(read_options(names, types, nulls, strict=strict), save_mapping), **more
        )

    for option in OVERRIDES:
        run = option(run)
    return run


@cli.command(name="load")
@click.option(
    "--users",
    type=click.Path(path_type=Path),
    multiple=True,
    help="CSV or Parquet, one row per user: a file, or a folder of them. May be given several times.",
)
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    multiple=True,
    help="CSV or Parquet, one row per event: likewise.",
)
@click.option(
    "--map",
    "--mapping",
    "names",
    metavar="OURS=THEIRS|FILE",
    multiple=True,
    help="Read the column THEIRS as OURS: user_id=customer_no, events.user_id=buyer. Or a file of such.",
)
@click.option("--strict", is_flag=True, help="Load nothing if a single row or cell would be refused.")
@click.option("--accept-loss", is_flag=True, help="Switch even if rows or users would be lost by it.")
@click.option("--dry-run", is_flag=True, help="Say what would be loaded, lost and changed; switch nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON on stdout.")
@with_reading
@click.pass_obj
def load_files(
    settings: Settings,
    /,
    users: tuple[Path, ...],
    events: tuple[Path, ...],
    reading: Reading,
    as_json: bool,
    **flags: bool,
) -> None:
    """Load users and events; what is refused is reported and kept in a rejects file.

    Without --users and --events: the files that generate writes to the data folder.
    """
    if bool(users) != bool(events):
        raise click.UsageError("give both --users and --events, or neither")
    refuse_live(settings)
    generations = Generations(settings.data)
    with progress() as report:
        result = load(
            users or settings.data / "user_attributes.csv",
            events or settings.data / "user_events.csv",
            generations,
            now=now(),
            settings=settings,
            options=options_of(settings, reading.options, **flags),
            progress=report,
        )
    tell_report(result, generations, as_json=as_json, dry_run=flags["dry_run"])
    write_mapping(reading, result)


def refuse_live(settings: Settings) -> None:
    if settings.engine:
        raise LoadError(
            "the data lies in PostgreSQL, which DUCKMART_ENGINE names: write to its tables there, "
            "or unset the variable to serve loaded files"
        )


def write_mapping(reading: Reading, report: LoadReport) -> None:
    if reading.save_mapping:
        header_names = {"users": report.users.renamed, "events": report.events.renamed}
        reading.save_mapping.write_text(saved(reading.options, header_names), "utf-8")
        say(f"Mapping saved: --mapping {reading.save_mapping} reads such files again")


def options_of(settings: Settings, options: Options, **flags: bool) -> Options:
    def review(draft: Generation, report: LoadReport) -> LoadReport:
        """Say before the switch what it will do."""
        report = with_segments(settings, draft, report)
        clear_progress()
        say(str(report))
        return report

    how: dict[str, Any] = dict(flags)
    return replace(options, review=review, confirm=confirm, **how)


def confirm(report: LoadReport) -> bool:
    """Ask whether a loss is meant; where nobody can answer, it is not."""
    if not can_answer():
        return False
    clear_progress()
    return click.confirm("This would lose data, see above. Switch to it all the same?", err=True)


def can_answer() -> bool:
    return sys.stdin.isatty()


def tell_report(report: LoadReport, generations: Generations, *, as_json: bool, dry_run: bool) -> None:
    if dry_run:
        say("Dry run: nothing is switched, the data served so far stays.")
    elif any(file.refused or file.cleared or file.cut_by for file in (report.users, report.events)):
        say(f"Refused rows and cleared cells: {generations.generation(report.generation).rejects}")
    if as_json:
        click.echo(to_json(report.as_dict()))


@cli.command(name="append")
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="CSV or Parquet: a file, or a folder of them. May be given several times.",
)
@click.option(
    "--users",
    type=click.Path(path_type=Path),
    multiple=True,
    help="New users and changed ones, whose rows replace the old: likewise.",
)
@click.option("--map", "--mapping", "names", metavar="OURS=THEIRS|FILE", multiple=True, help="As for load.")
@click.option("--strict", is_flag=True, help="Append nothing if a single row or cell would be refused.")
@click.option("--force", is_flag=True, help="Append a file that is loaded already once more.")
@click.option("--accept-loss", is_flag=True, help="Switch even if rows or users would be lost by it.")
@click.option("--dry-run", is_flag=True, help="Say what would be loaded, lost and changed; switch nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON on stdout.")
@with_reading
@click.pass_obj
def append_files(
    settings: Settings,
    /,
    events: tuple[Path, ...],
    users: tuple[Path, ...],
    reading: Reading,
    force: bool,
    as_json: bool,
    **flags: bool,
) -> None:
    """Add events and users to the data that is served, without reading the older files again.

    A column that a users file lacks keeps its values. What is refused is reported as by load.
    """
    refuse_live(settings)
    generations = Generations(settings.data)
    with progress() as report:
        result = append(
            {"users": users, "events": events} if users else {"events": events},
            generations,
            now=now(),
            settings=settings,
            options=options_of(settings, reading.options, **flags),
            force=force,
            progress=report,
        )
    tell_report(result, generations, as_json=as_json, dry_run=flags["dry_run"])
    write_mapping(reading, result)
