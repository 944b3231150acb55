"""A run of a saved segment: its members, who entered and left since an earlier run, and the run kept."""

from collections.abc import Iterable

from duckmart.cli.console import output, say, warn
from duckmart.cli.member_output import Form, MemberTable, find, say_found, table_writer, writer
from duckmart.errors import Problem
from duckmart.export import Write
from duckmart.export_changes import changed_ids_writer, changed_json_writer, with_changes
from duckmart.instants import now, stamp
from duckmart.library.changes import Changes, changes
from duckmart.library.runs import Run, RunFacts, Runs
from duckmart.mart import current, library
from duckmart.settings import Settings
from duckmart.spec.segment import Segment


def run_saved(segment_id: str, since: str | None, form: Form, settings: Settings) -> None:
    saved = library(settings).get(segment_id)
    runs = Runs(settings.data, segment_id)
    before = runs.get(since) if since else None
    mart = current(settings)
    segment, warnings = mart.accept(saved.spec)
    warn(warnings)
    # A run is of all members: who is beyond the limit has not left.
    members = find(mart, segment.unlimited, form)
    ids = members.audience.ids
    difference = changes(ids, before.members()) if before else None
    with output(form.out) as file:
        if difference:
            changed_writer(members, form, segment, warnings, difference)(file)
        else:
            writer(members.first(segment.limit), form, segment, warnings)(file)
    say_found(members.first(segment.limit), segment)
    if before and difference:
        say_changed(before, difference)
    # Kept last: changes that could not be written are there again next time, not lost.
    facts = RunFacts(saved.version, mart.catalog.generation, members.audience.as_of, now())
    run = runs.keep(ids, facts, settings.keep_runs)
    say(f"kept as run {run.id} of {segment_id!r}, version {saved.version}")


def changed_writer(
    members: MemberTable, form: Form, segment: Segment, warnings: Iterable[Problem], difference: Changes
) -> Write:
    if form.kind == "json":
        return changed_json_writer(members.first(segment.limit).audience, segment, warnings, difference)
    table = with_changes(members.table, difference, segment.limit)
    return changed_ids_writer(table) if form.kind == "ids" else table_writer(table, form)


def say_changed(before: Run, difference: Changes) -> None:
    say(
        f"{len(difference.entered):,} entered and {len(difference.left):,} left since run {before.id}: "
        f"version {before.facts.version}, as of {stamp(before.facts.as_of)}"
    )
