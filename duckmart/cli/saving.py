"""Commands about saved segments: save, and segments with the words below it."""

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from duckmart.cli.console import aligned, out_option, output, say, spec_argument, text, warn
from duckmart.cli.root import CommandWithParts, cli
from duckmart.errors import NotFound, SpecError
from duckmart.instants import now, stamp
from duckmart.library.library import Library
from duckmart.library.runs import Runs
from duckmart.library.saved import Details, Saved
from duckmart.mart import current, library
from duckmart.settings import Settings
from duckmart.spec.describe import sentence
from duckmart.spec.json_text import to_json
from duckmart.spec.parser import parse

Command = TypeVar("Command", bound=Any)


def details_options(command: Command) -> Command:
    for option in (
        click.option("--owner", help="Who answers for it."),
        click.option("--tag", "tags", multiple=True, help="May be given several times; replaces all tags."),
        click.option("--description", help="What it is for."),
        click.option("--name", help="What people call it; the id stays as it is."),
    ):
        command = option(command)
    return command


def details_of(
    name: str | None, description: str | None, tags: tuple[str, ...], owner: str | None
) -> Details:
    return Details(name, description, tags or None, owner)


id_argument = click.argument("id", metavar="ID")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON on stdout.")


@cli.command()
@id_argument
@spec_argument
@details_options
@click.option("--version", type=click.IntRange(1), help="Change a saved segment that is at this version.")
@click.pass_obj
def save(
    settings: Settings,
    /,
    id: str,  # noqa: A002
    spec: BinaryIO,
    version: int | None,
    **said: Any,
) -> None:
    """Save a spec as the segment ID, if it can run on the data.

    With --version it changes a segment that is saved already; what is not given stays as it is.
    """
    segment, warnings = current(settings).read(text(spec, settings))
    warn(warnings)
    saved = library(settings).save(id, segment, details_of(**said), now=now(), version=version)
    say(f"saved {saved.id!r}, version {saved.version}")


@cli.group(cls=CommandWithParts)
def segments() -> None:
    """List, show and change saved segments, delete and restore them, move them to another library."""


@segments.command(name="list")
@click.option("--deleted", is_flag=True, help="Those that are deleted and can be restored.")
@json_option
@click.pass_obj
def list_segments(settings: Settings, deleted: bool, as_json: bool) -> None:
    """List the saved segments."""
    listing = library(settings).deleted() if deleted else library(settings).listed()
    if as_json:
        click.echo(to_json([saved.as_dict() for saved in listing]))
        return
    head = ("id", "version", "updated (UTC)", "owner", "tags", "name")
    rows = [
        (one.id, str(one.version), minute(one.updated), one.owner, ", ".join(one.tags), one.name)
        for one in listing
    ]
    click.echo(aligned(head, rows) if listing else "there is none yet", err=not listing)


@segments.command()
@id_argument
@click.option("--revision", type=click.IntRange(1), help="As this version left it, deleted or not.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, not only the spec.")
@click.pass_obj
def show(settings: Settings, id: str, revision: int | None, as_json: bool) -> None:  # noqa: A002
    """Print the spec of a saved segment; what is said about it goes to stderr."""
    shelf = library(settings)
    saved = shelf.get(id) if revision is None else as_left(shelf, id, revision)
    used_by = shelf.used_by(id) if revision is None else ()
    if as_json:
        click.echo(to_json(saved.as_dict() | ({"used_by": list(used_by)} if revision is None else {})))
        return
    say(f"{saved.name}: version {saved.version}, {minute(saved.updated)} UTC")
    for words in (saved.description, meaning(saved, settings)):
        if words:
            say(words)
    for what, some in (("owner", [saved.owner]), ("tags", saved.tags), ("used by", used_by)):
        if any(some):
            say(f"{what}: {', '.join(some)}")
    click.echo(to_json(saved.spec))


def as_left(shelf: Library, segment_id: str, version: int) -> Saved:
    history = shelf.history(segment_id)
    if version > len(history):
        raise NotFound(f"{segment_id!r} has no version {version}; the newest is {len(history)}")
    return history[version - 1].saved


def meaning(saved: Saved, settings: Settings) -> str:
    try:
        return sentence(parse(saved.spec, settings))
    except SpecError:
        # Caps may have been lowered since; the spec itself is there to be seen.
        return ""


@segments.command()
@id_argument
@json_option
@click.pass_obj
def history(settings: Settings, id: str, as_json: bool) -> None:  # noqa: A002
    """List the versions of a segment, also of a deleted one."""
    revisions = library(settings).history(id)
    if as_json:
        click.echo(to_json([revision.as_dict() for revision in revisions]))
        return
    rows = [
        (str(one.saved.version), minute(one.saved.updated), str(one.action), one.saved.owner, one.saved.name)
        for one in revisions
    ]
    click.echo(aligned(("version", "at (UTC)", "what", "owner", "name"), rows))


@segments.command()
@id_argument
@details_options
@click.option("--version", type=click.IntRange(1), required=True, help="The version that you saw.")
@click.pass_obj
def edit(settings: Settings, /, id: str, version: int, **said: Any) -> None:  # noqa: A002
    """Change what people say about a segment, its name included; the spec and the id stay."""
    saved = library(settings).describe(id, details_of(**said), now=now(), version=version)
    say(f"changed {saved.id!r}, version {saved.version}")


@segments.command()
@id_argument
@click.option("--version", type=click.IntRange(1), help="Only if it still is at this version.")
@click.pass_obj
def delete(settings: Settings, id: str, version: int | None) -> None:  # noqa: A002
    """Delete a segment, unless another one refers to it; restore brings it back."""
    library(settings).delete(id, now=now(), version=version)
    say(f"deleted {id!r}; `segments restore {id}` brings it back")


@segments.command()
@id_argument
@click.pass_obj
def restore(settings: Settings, id: str) -> None:  # noqa: A002
    """Bring a deleted segment back."""
    saved = library(settings).restore(id, now=now())
    say(f"restored {saved.id!r}, version {saved.version}")


@segments.command()
@out_option
@click.pass_obj
def export(settings: Settings, out: Path | None) -> None:
    """Print all saved segments, as they are now, as one JSON document for import."""
    document = library(settings).export()
    with output(out) as file:
        file.write(f"{document}\n".encode())


@segments.command(name="import")
@click.argument("document", type=click.File("rb"), metavar="LIBRARY.json")
@click.option(
    "--replace", is_flag=True, help="What is here already gets a next version, instead of a refusal."
)
@click.pass_obj
def import_segments(settings: Settings, document: BinaryIO, replace: bool) -> None:
    """Add the segments of a document that export wrote: all of them, or none."""
    result = library(settings).import_(document.read(), settings=settings, now=now(), replacing=replace)
    outcome = {"added": result.created, "replaced": result.replaced, "the same": result.unchanged}
    for what, ids in outcome.items():
        say(f"{what}: {', '.join(ids) or 'none'}")


@segments.command()
@id_argument
@json_option
@click.pass_obj
def runs(settings: Settings, id: str, as_json: bool) -> None:  # noqa: A002
    """List the kept runs of a segment, for `segment --saved ID --since RUN`."""
    library(settings).history(id)
    earlier = Runs(settings.data, id).listed()
    if as_json:
        click.echo(to_json([run.as_dict() for run in earlier]))
        return
    head = ("run", "kept (UTC)", "version", "generation", "as of", "users")
    rows = [
        (
            one.id,
            minute(one.facts.kept),
            str(one.facts.version),
            one.facts.generation,
            stamp(one.facts.as_of),
            f"{one.total:,}",
        )
        for one in earlier
    ]
    click.echo(aligned(head, rows) if earlier else f"no run of {id!r} is kept yet", err=not earlier)


def minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
