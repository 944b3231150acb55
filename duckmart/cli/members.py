"""The command that finds the members of a segment: segment, of a spec or of a saved one."""

from pathlib import Path
from typing import BinaryIO

import click

from duckmart.cli.console import out_option, output, text, warn
from duckmart.cli.member_output import Form, find, say_found, writer
from duckmart.cli.root import cli
from duckmart.export import TABLE_FORMATS
from duckmart.mart import current
from duckmart.settings import Settings


@cli.command()
@click.argument("spec", type=click.File("rb"), metavar="[SPEC.json]", required=False)
@click.option("--saved", metavar="ID", help="A saved segment in place of a spec. The run is kept.")
@click.option("--since", metavar="RUN", help="With --saved: also who entered and left since RUN, or last.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["ids", "json", *TABLE_FORMATS]),
    default="ids",
    show_default=True,
    help="One id a line, the API's answer, or a table.",
)
@click.option("--columns", metavar="A,B", help="Attributes beside the ids of a table.")
@click.option("--bom", is_flag=True, help="Begin a csv with the mark by which Excel knows UTF-8.")
@out_option
@click.pass_obj
def segment(  # noqa: PLR0913 - one parameter for each option
    settings: Settings,
    *,
    spec: BinaryIO | None,
    saved: str | None,
    since: str | None,
    kind: str,
    columns: str | None,
    bom: bool,
    out: Path | None,
) -> None:
    """Find the members of a segment: all of them, unless the spec has a limit.

    A table is csv, ndjson (a JSON object a line) or parquet, which keeps all types. In a csv, a text that a
    spreadsheet would run as a formula gets a leading apostrophe; ids and numbers stay as they are.

    With --since, ids and tables have a second column, `change`: stayed, entered or left (ids: after a tab),
    and json has the lists `entered` and `left`. A limit then cuts only those who stayed.
    """
    if columns is not None and kind not in TABLE_FORMATS:
        raise click.UsageError(f"--columns goes with --format {', '.join(TABLE_FORMATS)}")
    if since is not None and saved is None:
        raise click.UsageError("--since goes with --saved")
    if bom and kind != "csv":
        raise click.UsageError("--bom goes with --format csv")
    names = (name.strip() for name in (columns or "").split(","))
    form = Form(kind, tuple(name for name in names if name), bom, out)
    match spec, saved:
        case _, None if spec is not None:
            print_members(text(spec, settings), form, settings)
        case None, str():
            # The library and its runs bring what a spec of its own does without.
            from duckmart.cli.saved_run import run_saved  # noqa: PLC0415

            run_saved(saved, since, form, settings)
        case _:
            raise click.UsageError("give either SPEC.json or --saved ID")


def print_members(spec: bytes, form: Form, settings: Settings) -> None:
    mart = current(settings)
    segment, warnings = mart.read(spec)
    warn(warnings)
    members = find(mart, segment, form)
    with output(form.out) as file:
        writer(members, form, segment, warnings)(file)
    say_found(members, segment)
