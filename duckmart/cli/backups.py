"""Commands that back up what people made, and bring it back."""

from pathlib import Path

import click

from duckmart.cli.console import say
from duckmart.cli.root import cli
from duckmart.errors import LibraryError
from duckmart.instants import now
from duckmart.mart import library
from duckmart.settings import Settings

file_argument = click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))


@cli.command()
@file_argument
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def backup(settings: Settings, file: Path, force: bool) -> None:
    """Back up saved segments with their whole history, drafts and kept runs to FILE.

    Others may go on saving meanwhile. The loaded data is not in it; it is loaded from its files again.
    """
    # Imported here: most commands do without.
    from duckmart.library.backup import back_up  # noqa: PLC0415

    if file.exists() and not force:
        raise LibraryError(f"{file} is there already; choose another name, or write over it with --force")
    contents = back_up(library(settings).database, settings.data, file, now=now())
    say(f"backed up to {file}: {contents}")


@cli.command()
@file_argument
@click.option("--replace", is_flag=True, help="Replace what is here, and keep a backup of it beside it.")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Bring back what FILE holds, a backup: all of it, or nothing.

    Everything is as it was: ids, versions, times, deleted segments, drafts and runs. The backup may come from
    a library in another database.
    """
    from duckmart.library.backup import restore as restore_backup  # noqa: PLC0415

    result = restore_backup(library(settings).database, settings.data, file, now=now(), replacing=replace)
    say(f"restored from {file}: {result.contents}")
    for path in result.before:
        say(f"what was here before is in {path}")
