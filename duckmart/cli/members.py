"""The command that finds the members of a segment: segment, of a spec or of a saved one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import click
import pyarrow as pa

from duckmart.cli.console import out_option, output, say, text, warn
from duckmart.cli.root import cli
from duckmart.compile import KEY
from duckmart.errors import Problem
from duckmart.export import (
    TABLES,
    Write,
    changed_ids_writer,
    changed_json_writer,
    excel_writer,
    ids_writer,
    json_writer,
    with_changes,
)
from duckmart.instants import now, stamp
from duckmart.library.runs import Changes, Run, RunFacts, Runs, changes
from duckmart.mart import Audience, Mart, current, library
from duckmart.settings import Settings
from duckmart.spec.segment import Segment


@dataclass(frozen=True)
class Form:
    """How members are printed, with which attributes beside them, and where."""

    kind: str
    columns: tuple[str, ...]
    bom: bool
    out: Path | None


@dataclass(frozen=True)
class MemberTable:
    """The members, and a table of them with the attributes asked for."""

    audience: Audience
    table: pa.Table

    def first(self, limit: int | None) -> "MemberTable":
        return MemberTable(replace(self.audience, ids=self.audience.ids[:limit]), self.table[:limit])


@cli.command()
@click.argument("spec", type=click.File("rb"), metavar="[SPEC.json]", required=False)
@click.option("--saved", metavar="ID", help="A saved segment in place of a spec. The run is kept.")
@click.option("--since", metavar="RUN", help="With --saved: also who entered and left since RUN, or last.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["ids", "json", *TABLES]),
    default="ids",
    show_default=True,
    help="One id a line, the API's answer, or a table.",
)
@click.option("--columns", metavar="A,B", help="Attributes beside the ids of a table.")
@click.option("--bom", is_flag=True, help="Begin a csv with the mark by which Excel knows UTF-8.")
@out_option
@click.pass_obj
def segment(  # noqa: PLR0913 - one parameter for each option
    chosen: Settings,
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
    if columns is not None and kind not in TABLES:
        raise click.UsageError(f"--columns goes with --format {', '.join(TABLES)}")
    if since is not None and saved is None:
        raise click.UsageError("--since goes with --saved")
    if bom and kind != "csv":
        raise click.UsageError("--bom goes with --format csv")
    names = (name.strip() for name in (columns or "").split(","))
    form = Form(kind, tuple(name for name in names if name), bom, out)
    match spec, saved:
        case _, None if spec is not None:
            print_members(text(spec, chosen), form, chosen)
        case None, str():
            run_saved(saved, since, form, chosen)
        case _:
            raise click.UsageError("give either SPEC.json or --saved ID")


def print_members(spec: bytes, form: Form, chosen: Settings) -> None:
    mart = current(chosen)
    asked, warnings = mart.read(spec)
    warn(warnings)
    found = find(mart, asked, form)
    with output(form.out) as file:
        writer(found, form, asked, warnings)(file)
    say_found(found, asked)


def run_saved(segment_id: str, since: str | None, form: Form, chosen: Settings) -> None:
    saved = library(chosen).get(segment_id)
    runs = Runs(chosen.data, segment_id)
    before = runs.get(since) if since else None
    mart = current(chosen)
    asked, warnings = mart.accept(saved.spec)
    warn(warnings)
    # A run is of all members: who is beyond the limit has not left.
    found = find(mart, asked.unlimited, form)
    members = found.audience.ids
    changed = changes(members, before.members()) if before else None
    with output(form.out) as file:
        if changed:
            changed_writer(found, form, asked, warnings, changed)(file)
        else:
            writer(found.first(asked.limit), form, asked, warnings)(file)
    say_found(found.first(asked.limit), asked)
    if before and changed:
        say_changed(before, changed)
    # Kept last: changes that could not be written are there again next time, not lost.
    facts = RunFacts(saved.version, mart.catalog.generation, found.audience.as_of, now())
    kept = runs.keep(members, facts, chosen.keep_runs)
    say(f"kept as run {kept.id} of {segment_id!r}, version {saved.version}")


def find(mart: Mart, asked: Segment, form: Form) -> MemberTable:
    start = perf_counter()
    if form.kind in TABLES:
        table = mart.table(asked, form.columns)
        seconds = perf_counter() - start
        return MemberTable(Audience(table.column(KEY), len(table), mart.as_of(asked), seconds), table)
    audience = mart.audience(asked)
    return MemberTable(audience, pa.table({KEY: audience.ids}))


def writer(found: MemberTable, form: Form, asked: Segment, warnings: Iterable[Problem]) -> Write:
    match form.kind:
        case "ids":
            return ids_writer(found.audience)
        case "json":
            return json_writer(found.audience, asked, warnings)
        case _:
            return table_writer(found.table, form)


def changed_writer(
    found: MemberTable, form: Form, asked: Segment, warnings: Iterable[Problem], changed: Changes
) -> Write:
    if form.kind == "json":
        return changed_json_writer(found.first(asked.limit).audience, asked, warnings, changed)
    table = with_changes(found.table, changed, asked.limit)
    return changed_ids_writer(table) if form.kind == "ids" else table_writer(table, form)


def table_writer(table: pa.Table, form: Form) -> Write:
    return excel_writer(table) if form.bom else TABLES[form.kind](table)


def say_found(found: MemberTable, asked: Segment) -> None:
    count = len(found.audience.ids)
    cut = f" (cut at the limit of {asked.limit:,})" if count == asked.limit else ""
    say(f"{count:,} users{cut} in {found.audience.seconds:.2f} s")


def say_changed(before: Run, changed: Changes) -> None:
    say(
        f"{len(changed.entered):,} entered and {len(changed.left):,} left since run {before.id}: "
        f"version {before.facts.version}, as of {stamp(before.facts.as_of)}"
    )
