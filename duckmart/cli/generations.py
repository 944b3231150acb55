"""Commands about the loaded generations: data and the words below it."""

import click

from duckmart.cli.console import say, say_waiting
from duckmart.cli.root import CommandWithParts, cli
from duckmart.data.generation import OLDER, Generation
from duckmart.data.generations import Generations
from duckmart.errors import LoadError, Unavailable
from duckmart.mart import NO_DATA, verify
from duckmart.settings import Settings


@cli.group(name="data", cls=CommandWithParts, invoke_without_command=True)
@click.pass_context
def list_generations(context: click.Context) -> None:
    """List the loaded generations; the words below verify, switch and remove them."""
    if context.invoked_subcommand is not None:
        return
    generations = Generations(context.obj.data)
    in_manifest = generations.listed()
    others = generations.unlisted()
    if not in_manifest and not others:
        raise Unavailable(NO_DATA)
    served = generations.served()
    click.echo(f"{'':2}{'id':<8}{'loaded at (UTC)':<21}{'users':>12}{'events':>15}{'MB':>10}  state")
    for one in in_manifest:
        mark = "* " if one == served and generations.is_known else "  "
        click.echo(mark + line_of(one, generations.damage(one)))
    if not generations.is_known:
        say("no manifest says which is served; `data use ID` serves one")
    for one in others:
        click.echo("  " + line_of(one, f"not in the manifest; `data use {one.id}` serves it"))


def line_of(generation: Generation, damage: str) -> str:
    try:
        facts = generation.facts()
        state = f"ok; {OLDER}" if facts.is_older else "ok"
        size = generation.path.stat().st_size if generation.path.exists() else 0
        columns = (
            f"{facts.loaded_at:%Y-%m-%d %H:%M:%S}  {facts.users:>12,}{facts.events:>15,}{size / 1e6:>10,.1f}"
        )
    except LoadError as error:
        columns, state = f"{'?':<21}{'?':>12}{'?':>15}{'?':>10}", str(error)
    return f"{generation.id:<8}{columns}  {damage or state}"


@list_generations.command(name="verify")
@click.argument("id", required=False)
@click.pass_obj
def verify_generations(settings: Settings, id: str | None) -> None:  # noqa: A002
    """Read all of a generation, or of every one: checksum, tables, counts. Ends with 1 if one is broken."""
    generations = Generations(settings.data)
    selection = [one for one in generations.listed() if id in (None, one.id)]
    if not selection:
        raise LoadError(f"there is no generation {id}" if id else NO_DATA, file=settings.data)
    broken = [one.id for one in selection if not tell_whole(one, settings)]
    if broken:
        current_too = generations.served() in selection and generations.served().id in broken
        hint = f"; {generations.way_out(broken[-1])}" if current_too else ""
        raise LoadError(f"broken: {', '.join(broken)}{hint}")


def tell_whole(generation: Generation, settings: Settings) -> bool:
    try:
        catalog = verify(generation, settings)
    except LoadError as error:
        click.echo(f"{generation.id}  {error}")
        return False
    click.echo(f"{generation.id}  ok: {catalog.users:,} users, {catalog.event_total:,} events")
    return True


@list_generations.command(name="use")
@click.argument("id")
@click.pass_obj
def use_generation(settings: Settings, id: str) -> None:  # noqa: A002
    """Serve another generation from now on, after verifying it."""
    Generations(settings.data).use(id, lambda one: verify(one, settings), waiting=say_waiting)
    say(f"generation {id} is served now")


@list_generations.command(name="prune")
@click.option("--keep", type=click.IntRange(1), help="[default: DUCKMART_KEEP_GENERATIONS, else 2]")
@click.pass_obj
def prune_generations(settings: Settings, keep: int | None) -> None:
    """Remove all but the newest generations; the one that is served stays."""
    dropped = Generations(settings.data).prune(keep or settings.keep_generations, waiting=say_waiting)
    say(f"removed: {', '.join(one.id for one in dropped) or 'none'}")


@list_generations.command(name="path")
@click.pass_obj
def print_path(settings: Settings) -> None:
    """Print the path of the database that is served, as in `duckdb -readonly "$(... data path)"`."""
    generation = Generations(settings.data).current()
    if generation is None:
        raise Unavailable(NO_DATA)
    click.echo(generation.path)
