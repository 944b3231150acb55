"""The command that all others are below: its settings, and the one place where errors become words."""

from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from duckmart.cli.console import say
from duckmart.errors import DuckMartError
from duckmart.settings import settings


def choose_data(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    configuration = context.obj or settings()
    context.obj = configuration if folder is None else configuration.model_copy(update={"data": folder})


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
    """A command with more under further words, which take `--data` too."""

    command_class = Command


MODULES = {
    "generate": "loading",
    "load": "loading",
    "append": "loading",
    "data": "generations",
    "segment": "members",
    "explain": "explaining",
    "sql": "asking",
    "describe": "asking",
    "check": "asking",
    "examples": "asking",
    "schema": "asking",
    "save": "saving",
    "segments": "saving",
    "backup": "backups",
    "restore": "backups",
    "serve": "serving",
}
"""Command -> the module that defines it, in the order of help and docs."""


class Commands(click.Group):
    """Commands whose modules are imported when they are called; an error becomes words and an exit code."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        import_all()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MODULES:
            # One command waits for its own imports only: all of them take twice as long.
            import_module(f"duckmart.cli.{MODULES[cmd_name]}")
        else:
            # Click suggests names among the commands that are there.
            import_all()
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DuckMartError as error:
            fail(str(error), error.exit_code)
        except BrokenPipeError:
            # Click ends quietly when whoever reads the output has enough.
            raise
        except OSError as error:
            fail(f"cannot read or write {error.filename or 'the output'}: {error.strerror or error}", 1)


def import_all() -> None:
    for module in MODULES.values():
        import_module(f"duckmart.cli.{module}")


def fail(words: str, exit_code: int) -> NoReturn:
    first, *more = words.splitlines() or [""]
    say("\n  ".join(["Error:", first, *more]) if more else f"Error: {first}")
    click.get_current_context().exit(exit_code)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.pass_context
def cli(context: click.Context) -> None:
    """DuckMart: load users and their events, and ask which users a segment holds.

    A spec is a JSON file, or - for stdin. Answers go to stdout, everything else to stderr.

    Exit codes: 0 fine, 1 files, data, settings or saved segments, 2 the spec or the command's own
    arguments, 3 the engine.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
