"""CSV or Parquet in, a verified generation out; every row and cell that is not loaded is accounted for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from duckdb import DuckDBPyConnection

from duckmart.data.generation import Generation
from duckmart.data.generations import WAITING, Generations
from duckmart.data.load import columns, staging, steps, tables
from duckmart.data.load.build import build_generation, write_report
from duckmart.data.load.change import changed_columns, served_columns
from duckmart.data.load.loss import losses, served_facts
from duckmart.data.load.mapping import read_options, read_pairs, saved
from duckmart.data.load.options import Options
from duckmart.data.load.overrides import refuse_unknown
from duckmart.data.load.report import FileReport, LoadReport
from duckmart.data.load.source import Paths, Source, column_names, open_sources
from duckmart.data.load.steps import LoadJob
from duckmart.data.progress import Progress
from duckmart.errors import LossError
from duckmart.settings import Settings

Report = TypeVar("Report", bound=LoadReport)

__all__ = ["FileReport", "LoadReport", "Options", "Progress", "load", "read_options", "read_pairs", "saved"]

DEFAULT = Options()


def load(
    users: Paths,
    events: Paths,
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    options: Options = DEFAULT,
    progress: Progress | None = None,
) -> LoadReport:
    """Read the files, and serve them as the next generation.

    Users and events are a file each, a folder of files, or several. `now` (UTC where it has no offset) is
    noted as the time of the load; events more than a day later are refused. Raises `LoadError`, with the data
    served so far untouched, when a file lacks a required column or cannot be read, when disk or memory
    are too small, and (`LossError`) when it would lose data and the options do not say that this is meant.
    """
    say = progress or silence

    def build(draft: Generation) -> LoadReport:
        sources = look_at_files({"users": users, "events": events}, options, draft, say)
        job = LoadJob(sources, naive_utc(now), options)
        report = build_generation(draft, settings, say, lambda con: build_tables(con, draft, job, say))
        columns = {"users": report.users.columns, "events": report.events.columns}
        changes = list(changed_columns(served_columns(generations), columns))
        return decide(replace(report, changes=changes), draft, generations, options)

    return serve(build, generations, settings, options, say)


def look_at_files(
    paths: Mapping[str, Paths], options: Options, draft: Generation, say: Progress
) -> dict[str, list[Source]]:
    """The files, opened. Raises `LoadError` for one that cannot be read, and for options that fit none."""
    say("looking at the files", 0.0)
    sources = open_sources(paths, options.pairs, draft.path.parent)
    refuse_unknown(options.types, options.nulls, column_names(sources))
    return sources


def naive_utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def build_tables(con: DuckDBPyConnection, draft: Generation, job: LoadJob, say: Progress) -> LoadReport:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    steps.stage_files(con, job, say)
    loaded_columns = {
        kind: columns.typed_columns(con, kind, sources, job.options.types)
        for kind, sources in job.sources.items()
    }
    steps.read_keys(con, job, at_least="INTEGER")
    say("writing users", 0.5)
    tables.create_users(con, steps.accepted_users(con, loaded_columns["users"], job))
    events = steps.accepted_events(con, loaded_columns["events"], job, say)
    steps.write_events(con, events, staging.count(con.table("events_raw")), say)
    files, activity = steps.report(con, draft, job, loaded_columns, say)
    return LoadReport(draft.id, job.now, files["users"], files["events"], activity, sha256="")


def decide(report: Report, draft: Generation, generations: Generations, options: Options) -> Report:
    """Complete the report with what would be lost or changed. Raises `LossError` unless that is meant."""
    files = {"users": report.users, "events": report.events}
    report = replace(report, demo=options.demo, losses=losses(files, report.holds, served_facts(generations)))
    reviewed = options.review(draft, report)
    report = replace(report, segments=reviewed.segments)
    write_report(draft, report)
    is_accepted = options.accept_loss or options.dry_run or not report.losses
    if not is_accepted and not options.confirm(report):
        raise LossError(report.losses)
    return report


def serve(
    build: Callable[[Generation], Report],
    generations: Generations,
    settings: Settings,
    options: Options,
    say: Progress,
) -> Report:
    """Build the next generation and switch to it, or with `dry_run` throw it away."""

    def waiting() -> None:
        say(WAITING, 0.0)

    if options.dry_run:
        report = generations.try_out(build, waiting=waiting)
    else:
        _, report = generations.add(build, settings.keep_generations, waiting=waiting)
    say("done", 1.0)
    return report


def silence(_stage: str, _share: float) -> None:
    pass
