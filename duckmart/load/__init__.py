"""CSV or Parquet in, a verified generation out; every row and cell that is not loaded is accounted for."""

from datetime import UTC, datetime

from duckmart.generations import WAITING, Generation, Generations
from duckmart.load.build import Job, build_generation
from duckmart.load.mapping import read_options, read_pairs, saved
from duckmart.load.options import Options
from duckmart.load.overrides import refuse_unknown
from duckmart.load.pace import Progress
from duckmart.load.report import FileReport, LoadReport
from duckmart.load.source import Given, column_names, open_sources
from duckmart.settings import Settings

__all__ = ["FileReport", "LoadReport", "Options", "Progress", "load", "read_options", "read_pairs", "saved"]

DEFAULT = Options()


def load(
    users: Given,
    events: Given,
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
    served so far untouched, when a file lacks a required column or cannot be read, and when disk or memory
    are too small.
    """
    say = progress or silence
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now

    def build(draft: Generation) -> LoadReport:
        say("looking at the files", 0.0)
        given = {"users": users, "events": events}
        sources = open_sources(given, options.pairs, draft.path.parent)
        refuse_unknown(options.types, options.nulls, column_names(sources))
        report = build_generation(draft, Job(sources, moment, options), settings, say)
        options.review(report)
        return report

    _, report = generations.add(build, settings.keep_generations, waiting=lambda: say(WAITING, 0.0))
    say("done", 1.0)
    return report


def silence(_stage: str, _share: float) -> None:
    pass
