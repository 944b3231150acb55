"""New files onto the data that is served: the next generation holds both, and no old file is read again.

A new row of a user replaces the old one; columns that the new files lack keep their values; merged.py says
which type a column gets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.data.load import (
    Options,
    decide,
    look_at_files,
    naive_utc,
    serve,
    silence,
    staging,
    steps,
    tables,
)
from duckmart.data.load.build import build_generation
from duckmart.data.load.change import ColumnChange
from duckmart.data.load.merged import OLD, Merged, merged_columns, merged_events, merged_users
from duckmart.data.load.report import LoadReport
from duckmart.data.load.source import Paths, Source
from duckmart.data.load.steps import LoadJob
from duckmart.data.progress import Progress
from duckmart.engines.generation_tables import LOAD_AGAIN, of_another_version
from duckmart.errors import LoadError
from duckmart.settings import Settings

KNOWN_NAMES = "INSERT INTO known_names SELECT DISTINCT CAST(event_name AS VARCHAR) FROM old.user_events"
REPLACED = """
SELECT count(*) FROM users_kept JOIN old.user_attributes AS old
ON as_user_id(users_id(users_kept.user_id)) = as_user_id(CAST(old.user_id AS VARCHAR))
"""


@dataclass(frozen=True)
class AppendReport(LoadReport):
    """One append: `users` and `events` account for the new files, their values for all that is served now.

    `onto` is the generation before, `holds` the rows of this one, `sources` the digests of all files in it.
    """

    onto: str
    replaced: int
    total: dict[str, int]
    sources: list[str]

    @property
    def holds(self) -> dict[str, int]:
        return self.total

    def as_dict(self) -> dict[str, Any]:
        report = super().as_dict()
        return report | {"holds": report.pop("total")}

    def __str__(self) -> str:
        rows = ", ".join(f"{rows:,} {kind}" for kind, rows in self.holds.items())
        title = f"Generation {self.generation} is {self.onto} with these files: {rows}"
        updates = [f"{self.replaced:,} users replaced by their new rows"] if self.replaced else []
        files = [str(file) for file in (self.users, self.events) if file.inputs]
        return "\n".join([title, *self.notes, *updates, *files, str(self.activity)])


@dataclass(frozen=True)
class AppendJob(LoadJob):
    """What one append works on; `digests` are those of all files whose rows will be in the generation."""

    onto: Generation
    digests: list[str]


def append(
    paths: Mapping[str, Paths],
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    options: Options,
    force: bool = False,
    progress: Progress | None = None,
) -> AppendReport:
    """Serve what is served now and the rows of these files as the next generation.

    `paths` has the files of `events`, and those of `users` if there are any. Raises `LoadError`, with the
    data served so far untouched, as `load` does, and, unless `force` is given, for a file loaded already.
    """
    say = progress or silence

    def build(draft: Generation) -> AppendReport:
        sources = look_at_files(paths, options, draft, say)
        onto = generations.current()
        if onto is None:
            raise LoadError("there is no data yet to append to; load these files instead")
        before = loaded_digests(onto)
        if not force:
            refuse_loaded(sources, before)
        digests = [source.file.sha256 for some in sources.values() for source in some]
        job = AppendJob(sources, naive_utc(now), options, onto, [*before, *digests])
        report = build_generation(draft, settings, say, lambda con: build_tables(con, draft, job, say))
        return decide(report, draft, generations, options)

    return serve(build, generations, settings, options, say)


def loaded_digests(onto: Generation) -> list[str]:
    """The digests of all files whose rows the generation holds."""
    try:
        report = json.loads(onto.report.read_text("utf-8"))
        digests = [file["sha256"] for kind in ("users", "events") for file in report[kind]["inputs"]]
        return list(report.get("sources", digests))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LoadError(f"this report cannot be read ({error!r}); load again", file=onto.report) from error


def refuse_loaded(sources: Mapping[str, Sequence[Source]], before: Sequence[str]) -> None:
    for source in (source for some in sources.values() for source in some):
        if source.file.sha256 in before:
            words = "this file is loaded already; --force appends it once more"
            raise LoadError(words, file=source.path)


def build_tables(con: DuckDBPyConnection, draft: Generation, job: AppendJob, say: Progress) -> AppendReport:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    attach(con, job.onto)
    steps.stage_files(con, job, say)
    merged = {kind: merged_columns(con, kind, job.sources.get(kind, ()), job.options.types) for kind in OLD}
    id_before = str(con.table(OLD["users"]).types[0])
    id_type = steps.read_keys(con, job, at_least=id_before)
    new = {kind: [one.column for one in some if one.column] for kind, some in merged.items()}

    say("writing users", 0.5)
    users = steps.accepted_users(con, new["users"], job)
    tables.create_users(con, merged_users(con, users, merged["users"], id_type))
    updated_users = staging.single(con.execute(REPLACED))
    con.execute(KNOWN_NAMES)
    events = steps.accepted_events(con, new["events"], job, say)
    accepted = {"users": staging.count(users), "events": staging.count(events)}
    rows = {kind: staging.count(con.table(OLD[kind])) + accepted[kind] for kind in OLD}
    steps.write_events(con, merged_events(con, events, merged["events"], id_type), rows["events"], say)

    files, activity = steps.report(con, draft, job, new, say)
    return AppendReport(
        generation=draft.id,
        loaded_at=job.now,
        users=replace(files["users"], loaded=accepted["users"]),
        events=replace(files["events"], loaded=accepted["events"]),
        activity=activity,
        sha256="",
        onto=job.onto.id,
        replaced=updated_users,
        total=rows | {"users": rows["users"] - updated_users},
        changes=changes(merged, id_before, id_type),
        sources=job.digests,
    )


def attach(con: DuckDBPyConnection, onto: Generation) -> None:
    """Open the data to append to. Raises `LoadError` where it lacks the tables of this version."""
    con.execute("ATTACH $path AS old (READ_ONLY)", {"path": str(onto.path)})
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_catalog = 'old'"
    ).fetchall()
    if words := of_another_version({(table, column): kind for table, column, kind in rows}):
        raise LoadError(f"nothing can be appended to it: {words}; {LOAD_AGAIN}", file=onto.path)


def changes(merged: Mapping[str, Sequence[Merged]], id_before: str, id_type: str) -> list[ColumnChange]:
    ids = [ColumnChange(kind, "user_id", id_before, id_type) for kind in OLD if id_type != id_before]
    others = [
        ColumnChange(kind, one.name, one.before, one.type)
        for kind, some in merged.items()
        for one in some
        if one.before != one.type
    ]
    return [*ids, *others]
