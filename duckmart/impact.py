"""What new data does to the saved segments: which no longer run, and which may mean something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from duckmart.data.generation import Generation
from duckmart.data.load.change import ColumnChange, SegmentChange
from duckmart.data.load.report import LoadReport
from duckmart.errors import DuckMartError, LibraryError, SpecError, Unavailable
from duckmart.mart import Mart, current, engine, library
from duckmart.settings import Settings
from duckmart.spec.json_text import Json

VALUES = ("value", "values", "event_name", "name", "description", "seed")
"""Keys of a spec whose texts are not names of columns."""

EVENTS = ("unknown_event",)
"""Warnings that say a segment has lost what it asks about."""


def with_segments(settings: Settings, draft: Generation, report: LoadReport) -> LoadReport:
    """The report with what its data, built but not served yet, does to the saved segments."""
    try:
        saved = dict(library(settings).specs)
        changes = list(on_segments(saved, draft, report.changes, settings)) if saved else []
    except (LibraryError, Unavailable) as error:
        changes = [SegmentChange("*", runs=True, message=f"they could not be looked at ({error})")]
    return replace(report, segments=changes)


def on_segments(
    saved: Mapping[str, Json], draft: Generation, changes: Sequence[ColumnChange], settings: Settings
) -> Iterator[SegmentChange]:
    after = Mart(engine(draft, settings), settings, saved)
    before = served(settings)
    for segment, spec in sorted(saved.items()):
        broken = new(problems(after, spec), problems(before, spec) if before else [])
        if broken:
            yield SegmentChange(segment, runs=False, message="; ".join(broken))
            continue
        lost = new(warnings(after, spec), warnings(before, spec) if before else [])
        segment_columns = columns(segment, saved)
        words = [
            str(change) for change in changes if change.changes_kind and change.column in segment_columns
        ]
        if words or lost:
            yield SegmentChange(segment, runs=True, message="; ".join([*words, *lost]))


def served(settings: Settings) -> Mart | None:
    try:
        return current(settings)
    except DuckMartError:
        return None


def problems(mart: Mart, spec: Json) -> list[str]:
    """Why a segment cannot run."""
    try:
        mart.accept(spec)
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def warnings(mart: Mart, spec: Json) -> list[str]:
    try:
        _, notes = mart.accept(spec)
    except SpecError:
        return []
    return [str(one) for one in notes if one.code in EVENTS]


def new(now: Sequence[str], before: Sequence[str]) -> list[str]:
    return [words for words in now if words not in before]


def columns(segment: str, saved: Mapping[str, Json]) -> set[str]:
    """Every text in a spec that may be the name of a column, in those that it refers to as well."""
    texts: set[str] = set()
    ids: set[str] = set()
    queue = [segment]
    while queue:
        segment_id = queue.pop()
        if segment_id in saved and segment_id not in ids:
            ids.add(segment_id)
            inside = set(names(saved[segment_id]))
            texts |= inside
            queue += inside
    return texts


def names(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for one in node:
            yield from names(one)
    elif isinstance(node, Mapping):
        for key, one in node.items():
            if key not in VALUES:
                yield from names(one)
