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


def changed_writer(
    found: MemberTable, form: Form, asked: Segment, warnings: Iterable[Problem], changed: Changes
) -> Write:
    if form.kind == "json":
        return changed_json_writer(found.first(asked.limit).audience, asked, warnings, changed)
    table = with_changes(found.table, changed, asked.limit)
    return changed_ids_writer(table) if form.kind == "ids" else table_writer(table, form)


def say_changed(before: Run, changed: Changes) -> None:
    say(
        f"{len(changed.entered):,} entered and {len(changed.left):,} left since run {before.id}: "
        f"version {before.facts.version}, as of {stamp(before.facts.as_of)}"
    )
