"""New files onto the data that is served: the next generation holds both, and no old file is read again.

A new row of a user replaces the old one; columns that the new files lack keep their values; merged.py says
which type a column gets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from duckdb import DuckDBPyConnection

from duckmart.data.generation import Generation, digest
from duckmart.data.generations import Generations
from duckmart.data.load import Options, columns, decide, quality, serve, silence, staging, tables, times
from duckmart.data.load.build import opened, verify, words_for_engine, write_report
from duckmart.data.load.cells import LoadedColumn
from duckmart.data.load.change import ColumnChange
from duckmart.data.load.merged import OLD, Merged, merged_columns, merged_events, merged_users
from duckmart.data.load.overrides import refuse_unknown, types_of
from duckmart.data.load.pace import LoadStep, told
from duckmart.data.load.report import FileReport, LoadReport
from duckmart.data.load.source import Given, Source, column_names, open_sources
from duckmart.data.progress import Progress
from duckmart.engines.generation_tables import LOAD_AGAIN, of_another_version
from duckmart.errors import LoadError
from duckmart.settings import Settings

NO_USERS = "CREATE TABLE users_raw (user_id VARCHAR)"
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
        held = ", ".join(f"{rows:,} {kind}" for kind, rows in self.holds.items())
        title = f"Generation {self.generation} is {self.onto} with these files: {held}"
        replaced = [f"{self.replaced:,} users replaced by their new rows"] if self.replaced else []
        files = [str(file) for file in (self.users, self.events) if file.inputs]
        return "\n".join([title, *self.notes, *replaced, *files, str(self.activity)])


@dataclass(frozen=True)
class AppendJob:
    """What one append works on."""

    onto: Generation
    sources: Mapping[str, Sequence[Source]]
    digests: list[str]
    now: datetime
    options: Options


def append(
    given: Mapping[str, Given],
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    options: Options,
    force: bool = False,
    progress: Progress | None = None,
) -> AppendReport:
    """Serve what is served now and the rows of these files as the next generation.

    `given` has the files of `events`, and those of `users` if there are any. Raises `LoadError`, with the
    data served so far untouched, as `load` does, and, unless `force` is given, for a file loaded already.
    """
    say = progress or silence
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now

    def build(draft: Generation) -> AppendReport:
        say("looking at the files", 0.0)
        onto = generations.current()
        if onto is None:
            raise LoadError("there is no data yet to append to; load these files instead")
        sources = open_sources(given, options.pairs, draft.path.parent)
        refuse_unknown(options.types, options.nulls, column_names(sources))
        before = loaded_digests(onto)
        if not force:
            refuse_loaded(sources, before)
        new = [source.file.sha256 for some in sources.values() for source in some]
        job = AppendJob(onto, sources, [*before, *new], moment, options)
        report = build_generation(draft, job, settings, say)
        return decide(report, draft, generations, options)

    report = serve(build, generations, settings, options, say)
    say("done", 1.0)
    return report


def loaded_digests(onto: Generation) -> list[str]:
    """The digests of all files whose rows the generation holds."""
    try:
        report = json.loads(onto.report.read_text("utf-8"))
        loaded = [file["sha256"] for kind in ("users", "events") for file in report[kind]["inputs"]]
        return list(report.get("sources", loaded))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LoadError(f"this report cannot be read ({error!r}); load again", file=onto.report) from error


def refuse_loaded(sources: Mapping[str, Sequence[Source]], before: Sequence[str]) -> None:
    for source in (source for some in sources.values() for source in some):
        if source.file.sha256 in before:
            words = "this file is loaded already; --force appends it once more"
            raise LoadError(words, file=source.path)


def build_generation(draft: Generation, job: AppendJob, settings: Settings, say: Progress) -> AppendReport:
    """Write the draft's three files, verified."""
    folder = draft.path.parent
    with words_for_engine(folder, settings):
        with opened(folder / "staged.duckdb", settings) as con:
            report = build_tables(con, draft, job, say)
        say("verifying", 0.9)
        files = {"users": report.users, "events": report.events}
        verify(draft, files, report.holds, settings)
    report = replace(report, sha256=digest(draft.path))
    write_report(draft, report)
    return report


def build_tables(con: DuckDBPyConnection, draft: Generation, job: AppendJob, say: Progress) -> AppendReport:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    con.execute("ATTACH $path AS old (READ_ONLY)", {"path": str(job.onto.path)})
    check_version(con, job.onto)
    say("reading users", 0.05)
    if "users" in job.sources:
        staging.stage(con, "users", job.sources["users"], job.options.nulls)
    else:
        con.execute(NO_USERS)
        con.execute(staging.ROWS["users"])
    reading = LoadStep("reading events", 0.1, 0.3, sum(source.file.rows for source in job.sources["events"]))
    told(reading, con, say, lambda: staging.stage(con, "events", job.sources["events"], job.options.nulls))
    say("choosing column types", 0.3)
    merged = {kind: merged_columns(con, kind, job.sources.get(kind, ()), job.options.types) for kind in OLD}
    id_before = str(con.table(OLD["users"]).types[0])
    id_type = columns.read_ids(con, at_least=id_before)
    times.read_times(con, job.sources["events"], types_of("events", job.options.types).get("timestamp", ""))

    say("writing users", 0.4)
    new = {kind: [one.column for one in some if one.column] for kind, some in merged.items()}
    kept = tables.kept_users(con, new["users"])
    refuse_if(job.options.strict, con, "users")
    loaded = {"users": staging.count(kept)}
    tables.create_users(con, merged_users(con, kept, merged["users"], id_type))
    replaced = staging.single(con.execute(REPLACED))
    say("checking events", 0.5)
    con.execute(KNOWN_NAMES)
    tables.refuse_events(con, new["events"], job.now)
    refuse_if(job.options.strict, con, "events")
    kept = tables.kept_events(con, new["events"])
    loaded["events"] = staging.count(kept)
    everything = merged_events(con, kept, merged["events"], id_type)
    rows = staging.count(con.table(OLD["events"])) + loaded["events"]
    writing = LoadStep("sorting and writing events", 0.55, 0.85, rows)
    told(writing, con, say, lambda: tables.create_events(everything))
    say("writing rejects and report", 0.85)
    tables.write_rejects(con, draft.rejects)
    activity = quality.activity(con)
    files = {kind: file_report(con, kind, job, new[kind], loaded[kind]) for kind in OLD}
    held = {kind: staging.count(con.table(OLD[kind])) + loaded[kind] for kind in OLD}
    tables.finish(con, job.now)
    return AppendReport(
        generation=draft.id,
        loaded_at=job.now,
        users=files["users"],
        events=files["events"],
        activity=activity,
        sha256="",
        onto=job.onto.id,
        replaced=replaced,
        total=held | {"users": held["users"] - replaced},
        changes=changes(merged, id_before, id_type),
        sources=job.digests,
    )


def check_version(con: DuckDBPyConnection, onto: Generation) -> None:
    """Raise `LoadError` where the generation has not the tables of this version."""
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_catalog = 'old'"
    ).fetchall()
    if words := of_another_version({(table, column): kind for table, column, kind in rows}):
        raise LoadError(f"nothing can be appended to it: {words}; {LOAD_AGAIN}", file=onto.path)


def refuse_if(strict: bool, con: DuckDBPyConnection, kind: str) -> None:
    if strict:
        tables.refuse_rejects(con, kind)


def file_report(
    con: DuckDBPyConnection, kind: str, job: AppendJob, typed: Sequence[LoadedColumn], loaded: int
) -> FileReport:
    report = quality.file_report(con, kind, job.sources.get(kind, ()), typed, job.now)
    return replace(report, loaded=loaded)


def changes(merged: Mapping[str, Sequence[Merged]], id_before: str, id_type: str) -> list[ColumnChange]:
    ids = [ColumnChange(kind, "user_id", id_before, id_type) for kind in OLD if id_type != id_before]
    others = [
        ColumnChange(kind, one.name, one.before, one.type)
        for kind, some in merged.items()
        for one in some
        if one.before != one.type
    ]
    return [*ids, *others]
