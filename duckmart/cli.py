"""The command line: what was asked for on stdout, words about it on stderr, and an exit code that tells.

0 fine    1 files, data or settings    2 the spec, or how the command was given    3 the engine
"""

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO, Any, BinaryIO, NoReturn

import click
from pydantic import ValidationError

from duckmart import generate as demo
from duckmart.describe import sentence
from duckmart.errors import DuckMartError, LoadError, Problem, SpecError, Unavailable
from duckmart.examples import Example, examples
from duckmart.export import csv_writer, ids_writer, json_writer
from duckmart.generations import WAITING, Generation, Generations
from duckmart.load import LoadReport, Options, load, read_pairs
from duckmart.load.append import append
from duckmart.mart import NO_DATA, Mart, Progress, current, verify
from duckmart.query import DIALECTS
from duckmart.segment import Segment, parse, read_json, to_json
from duckmart.settings import Settings, settings

APP = Path(__file__).parents[1] / "app.py"


def choose_data(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    chosen = context.obj or settings()
    context.obj = chosen if folder is None else chosen.model_copy(update={"data": folder})


class Command(click.Command):
    """A command that takes `--data`; the settings to work with are its context's object."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--data"],
                type=click.Path(file_okay=False, path_type=Path),
                help="The data folder. [default: DUCKMART_DATA, else data]",
                expose_value=False,
                callback=choose_data,
            )
        )


class CommandWithParts(Command, click.Group):
    """A command that does something by itself, and more under further words."""

    command_class = Command


class Commands(click.Group):
    """The one place where an error becomes words and an exit code."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DuckMartError as error:
            fail(str(error), error.exit_code)
        except ValidationError as error:
            fail(wrong_settings(error), DuckMartError.exit_code)


def fail(words: str, exit_code: int) -> NoReturn:
    first, *more = words.splitlines() or [""]
    say("\n  ".join(["Error:", first, *more]) if more else f"Error: {first}")
    click.get_current_context().exit(exit_code)


def wrong_settings(error: ValidationError) -> str:
    lines = []
    for wrong in error.errors(include_url=False):
        name = "_".join(["DUCKMART", *map(str, wrong["loc"])]).upper()
        lines.append(f"{name} is {wrong['input']!r}: {wrong['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


spec_argument = click.argument("spec", type=click.File("rb"), metavar="SPEC.json")
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write. [default: stdout]"
)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.pass_context
def cli(context: click.Context) -> None:
    """DuckMart: load users and their events, and ask which users a segment holds.

    A spec is a JSON file, or - for stdin. Answers go to stdout, everything else to stderr.

    Exit codes: 0 fine, 1 files, data or settings, 2 the spec or the command's own arguments, 3 the engine.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
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
def generate(
    chosen: Settings, users: int, events: int, seed: int, end: datetime, kind: demo.Format, out: Path | None
) -> None:
    """Make demo files: user_attributes and user_events."""
    with progress() as report:
        made = demo.generate(
            out or chosen.data,
            users=users,
            events=events,
            seed=seed,
            end=end.date(),
            format=kind,
            progress=report,
        )
    say(f"{made.user_count:,} users in {made.users}, {made.event_count:,} events in {made.events}")


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
    "names",
    metavar="OURS=THEIRS|FILE",
    multiple=True,
    help="Read the column THEIRS as OURS: user_id=customer_no, events.user_id=buyer. Or a file of such.",
)
@click.option("--strict", is_flag=True, help="Load nothing if a single row or cell would be refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON on stdout.")
@click.pass_obj
def load_files(
    chosen: Settings,
    users: tuple[Path, ...],
    events: tuple[Path, ...],
    names: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Load users and events; what is refused is reported and kept in a rejects file.

    Without --users and --events: the files that generate writes to the data folder.
    """
    if bool(users) != bool(events):
        raise click.UsageError("give both --users and --events, or neither")
    generations = Generations(chosen.data)
    with progress() as report:
        done = load(
            users or chosen.data / "user_attributes.csv",
            events or chosen.data / "user_events.csv",
            generations,
            now=datetime.now(UTC).replace(tzinfo=None),
            settings=chosen,
            options=Options(read_pairs(names), strict),
            progress=report,
        )
    tell_report(done, generations, as_json)


def tell_report(done: LoadReport, generations: Generations, as_json: bool) -> None:
    say(str(done))
    if done.users.refused or done.users.cleared or done.events.refused or done.events.cleared:
        say(f"Refused rows and cleared cells: {generations.generation(done.generation).rejects}")
    if as_json:
        click.echo(to_json(done.as_dict()))


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
@click.option("--map", "names", metavar="OURS=THEIRS|FILE", multiple=True, help="As for load.")
@click.option("--strict", is_flag=True, help="Append nothing if a single row or cell would be refused.")
@click.option("--force", is_flag=True, help="Append a file that is loaded already once more.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON on stdout.")
@click.pass_obj
def append_files(
    chosen: Settings,
    events: tuple[Path, ...],
    users: tuple[Path, ...],
    names: tuple[str, ...],
    strict: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Add events and users to the data that is served, without reading the older files again.

    A column that a users file lacks keeps its values. What is refused is reported as by load.
    """
    generations = Generations(chosen.data)
    with progress() as report:
        done = append(
            {"users": users, "events": events} if users else {"events": events},
            generations,
            now=datetime.now(UTC).replace(tzinfo=None),
            settings=chosen,
            options=Options(read_pairs(names), strict),
            force=force,
            progress=report,
        )
    tell_report(done, generations, as_json)


@cli.group(name="data", cls=CommandWithParts, invoke_without_command=True)
@click.pass_context
def list_generations(context: click.Context) -> None:
    """List the loaded generations; the words below verify, switch and remove them."""
    if context.invoked_subcommand is not None:
        return
    generations = Generations(context.obj.data)
    listed = generations.listed()
    if not listed:
        raise Unavailable(NO_DATA)
    served = generations.served()
    click.echo(f"{'':2}{'id':<8}{'loaded at (UTC)':<21}{'users':>12}{'events':>15}{'MB':>10}  state")
    for one in listed:
        click.echo(("* " if one == served else "  ") + line_of(one, generations.damage(one)))


def line_of(generation: Generation, damage: str) -> str:
    try:
        facts = generation.facts()
        size = generation.path.stat().st_size if generation.path.exists() else 0
        held = (
            f"{facts.loaded_at:%Y-%m-%d %H:%M:%S}  {facts.users:>12,}{facts.events:>15,}{size / 1e6:>10,.1f}"
        )
    except LoadError as error:
        held, damage = f"{'?':<21}{'?':>12}{'?':>15}{'?':>10}", str(error)
    return f"{generation.id:<8}{held}  {damage or 'ok'}"


@list_generations.command(name="verify")
@click.argument("id", required=False)
@click.pass_obj
def verify_generations(chosen: Settings, id: str | None) -> None:  # noqa: A002
    """Read all of a generation, or of every one: checksum, tables, counts. Ends with 1 if one is broken."""
    generations = Generations(chosen.data)
    asked = [one for one in generations.listed() if id in (None, one.id)]
    if not asked:
        raise LoadError(f"there is no generation {id}" if id else NO_DATA, file=chosen.data)
    broken = [one.id for one in asked if not tell_whole(one, chosen)]
    if broken:
        current_too = generations.served() in asked and generations.served().id in broken
        hint = f"; {generations.way_out(broken[-1])}" if current_too else ""
        raise LoadError(f"broken: {', '.join(broken)}{hint}")


def tell_whole(generation: Generation, chosen: Settings) -> bool:
    try:
        held = verify(generation, chosen)
    except LoadError as error:
        click.echo(f"{generation.id}  {error}")
        return False
    click.echo(f"{generation.id}  ok: {held.users:,} users, {held.event_total:,} events")
    return True


@list_generations.command(name="use")
@click.argument("id")
@click.pass_obj
def use_generation(chosen: Settings, id: str) -> None:  # noqa: A002
    """Serve another generation from now on, after verifying it."""
    Generations(chosen.data).use(id, lambda one: verify(one, chosen), waiting=say_waiting)
    say(f"generation {id} is served now")


@list_generations.command(name="prune")
@click.option("--keep", type=click.IntRange(1), help="[default: DUCKMART_KEEP_GENERATIONS, else 2]")
@click.pass_obj
def prune_generations(chosen: Settings, keep: int | None) -> None:
    """Remove all but the newest generations; the one that is served stays."""
    removed = Generations(chosen.data).prune(keep or chosen.keep_generations, waiting=say_waiting)
    say(f"removed: {', '.join(one.id for one in removed) or 'none'}")


@list_generations.command(name="path")
@click.pass_obj
def print_path(chosen: Settings) -> None:
    """Print the path of the database that is served, as in `duckdb -readonly "$(... data path)"`."""
    generation = Generations(chosen.data).current()
    if generation is None:
        raise Unavailable(NO_DATA)
    click.echo(generation.path)


@cli.command()
@spec_argument
@click.option(
    "--format",
    "kind",
    type=click.Choice(["ids", "csv", "json"]),
    default="ids",
    show_default=True,
    help="One id a line, a table, or the API's answer.",
)
@click.option("--columns", metavar="A,B", help="Attributes beside the ids in a csv.")
@out_option
@click.pass_obj
def segment(chosen: Settings, spec: BinaryIO, kind: str, columns: str | None, out: Path | None) -> None:
    """Find the members of a segment: all of them, unless the spec has a limit."""
    if columns is not None and kind != "csv":
        raise click.UsageError("--columns goes with --format csv")
    mart = current(chosen)
    asked, warnings = mart.read(text(spec, chosen))
    warn(warnings)
    start = perf_counter()
    if kind == "csv":
        names = [name.strip() for name in (columns or "").split(",") if name.strip()]
        table = mart.table(asked, names)
        found, write = len(table), csv_writer(table)
    else:
        audience = mart.audience(asked)
        found = len(audience.ids)
        write = ids_writer(audience) if kind == "ids" else json_writer(audience, asked, warnings)
    seconds = perf_counter() - start
    with output(out) as file:
        write(file)
    cut = f" (cut at the limit of {asked.limit:,})" if found == asked.limit else ""
    say(f"{found:,} users{cut} in {seconds:.2f} s")


@cli.command()
@spec_argument
@click.option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True)
@click.pass_obj
def sql(chosen: Settings, spec: BinaryIO, dialect: str) -> None:
    """Print the SQL of a segment, values in place, to read or to run elsewhere."""
    mart = current(chosen)
    asked, warnings = mart.read(text(spec, chosen))
    warn(warnings)
    click.echo(mart.members(asked).sql(dialect))


@cli.command()
@spec_argument
@click.pass_obj
def describe(chosen: Settings, spec: BinaryIO) -> None:
    """Say a segment as an English sentence."""
    click.echo(sentence(parse(read_json(text(spec, chosen), chosen), chosen)))


@cli.command()
@spec_argument
@click.option("--json", "as_json", is_flag=True, help="Print problems and warnings as JSON on stdout.")
@click.pass_context
def check(context: click.Context, spec: BinaryIO, as_json: bool) -> None:
    """Check a spec against the data; ends with 2 if it cannot run."""
    chosen: Settings = context.obj
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    try:
        _, warnings = current(chosen).read(text(spec, chosen))
    except SpecError as error:
        if not as_json:
            raise
        problems = error.problems
    if as_json:
        found = {"problems": problems, "warnings": warnings}
        click.echo(to_json({what: [one.as_dict() for one in some] for what, some in found.items()}))
        context.exit(SpecError.exit_code if problems else 0)
    warn(warnings)
    click.echo("the spec is fine, with warnings" if warnings else "the spec is fine")


@cli.command(name="examples")
@click.argument("id", type=click.Choice([one.id for one in examples()]), required=False, metavar="[ID]")
@click.option("--run", is_flag=True, help="Run them, and print how many users each has and the time it took.")
@click.pass_obj
def list_examples(chosen: Settings, id: str | None, run: bool) -> None:  # noqa: A002
    """List the example segments, or print the spec of one."""
    asked = [one for one in examples() if id in (None, one.id)]
    if run:
        mart = current(chosen)
        for one in asked:
            click.echo(run_example(one, mart))
    elif id:
        click.echo(to_json(asked[0].spec))
    else:
        for one in asked:
            click.echo(f"{one.id:<24}{one.question}")


@cli.command()
def schema() -> None:
    """Print the JSON Schema of a spec."""
    click.echo(to_json(Segment.model_json_schema()))


@cli.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in your network in."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--api-only", is_flag=True, help="Without the app.")
@click.pass_obj
def serve(chosen: Settings, host: str, port: int, api_only: bool) -> None:
    """Serve the app and the API on one port."""
    # What runs in the server reads its settings for itself.
    os.environ["DUCKMART_DATA"] = str(chosen.data.absolute())
    settings.cache_clear()
    if api_only:
        import uvicorn  # noqa: PLC0415 - only a server needs it

        uvicorn.run("duckmart.api:api", host=host, port=port)
    else:
        from streamlit.web.cli import main as streamlit  # noqa: PLC0415 - only a server needs it

        where = ["--server.address", host, "--server.port", str(port)]
        streamlit(["run", str(APP), *where], prog_name="streamlit", standalone_mode=False)


def text(spec: BinaryIO, chosen: Settings) -> bytes:
    """The spec's JSON; of one that is too large, enough to tell."""
    return spec.read(chosen.max_body + len(BOM_UTF8) + 1).removeprefix(BOM_UTF8)


def say(words: str) -> None:
    click.echo(words, err=True)


def say_waiting() -> None:
    say(f"{WAITING} ...")


def warn(warnings: Iterable[Problem]) -> None:
    for warning in warnings:
        say(f"Warning: {warning}")


@contextmanager
def progress() -> Iterator[Progress]:
    """What is under way, on one line of stderr that is gone at the end; where nobody watches, only a wait."""
    if not sys.stderr.isatty():
        yield lambda what, share: say_waiting() if what == WAITING else None
        return
    start = perf_counter()

    def tell(what: str, share: float) -> None:
        click.echo(
            f"\r\033[K{share:4.0%} {what}{time_left(perf_counter() - start, share)}", nl=False, err=True
        )

    try:
        yield tell
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def time_left(seconds: float, share: float) -> str:
    """A guess from the time that the share took; nothing while there is too little to guess from."""
    if seconds < 3 or not 0.05 < share < 1:
        return ""
    left = seconds * (1 - share) / share
    return f", about {left / 60:.0f} min left" if left > 90 else f", about {left:.0f} s left"


@contextmanager
def output(path: Path | None) -> Iterator[IO[bytes]]:
    """Stdout, or a file that appears under its name only when it is complete."""
    if path is None:
        yield sys.stdout.buffer
        return
    target = path.resolve()
    # A device or a pipe is written to, never replaced.
    regular = target.is_file() or not target.exists()
    draft = target.with_name(f".{target.name}.{os.getpid()}") if regular else target
    try:
        with draft.open("wb") as file:
            yield file
        if regular:
            draft.replace(target)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
    finally:
        if regular:
            draft.unlink(missing_ok=True)


def run_example(one: Example, mart: Mart) -> str:
    asked, _ = mart.accept(one.spec)
    size = mart.size(asked)
    return f"{one.id:<24}{size.total:>9,} users{size.seconds:9.3f} s"
