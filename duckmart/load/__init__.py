"""CSV or Parquet in, a verified generation out; every row and cell that is not loaded is accounted for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from duckmart.generations import WAITING, Generation, Generations
from duckmart.load.build import Job, build_generation
from duckmart.load.mapping import Pair, read_pairs
from duckmart.load.pace import Progress
from duckmart.load.report import FileReport, LoadReport
from duckmart.load.source import Given, open_sources
from duckmart.settings import Settings

__all__ = ["FileReport", "LoadReport", "Options", "Progress", "load", "read_pairs"]


def accept_all(_report: LoadReport) -> None:
    pass


@dataclass(frozen=True)
class Options:
    """How to read the files: which header is which column, and whether one bad cell refuses them all.

    `review` is called with the report just before the switch; if it raises, nothing is switched.
    """

    pairs: tuple[Pair, ...] = ()
    strict: bool = False
    review: Callable[[LoadReport], None] = accept_all


def load(
    users: Given,
    events: Given,
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    options: Options = Options(),
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
        report = build_generation(draft, Job(sources, moment, options.strict), settings, say)
        options.review(report)
        return report

    _, report = generations.add(build, settings.keep_generations, waiting=lambda: say(WAITING, 0.0))
    say("done", 1.0)
    return report


def silence(_stage: str, _share: float) -> None:
    pass
