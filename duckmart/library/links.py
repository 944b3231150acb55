"""Which saved segments a spec refers to, and why a reference may not be."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from duckmart.errors import Problem, SpecError, did_you_mean
from duckmart.library import rows
from duckmart.library.database import Rows
from duckmart.library.tables import references
from duckmart.spec.paths import dotted
from duckmart.spec.references import circle
from duckmart.spec.segment import Segment, SegmentFilter
from duckmart.spec.tree import walk

Links = Mapping[str, str]
"""The ids that a spec refers to, each with the first place in the spec that does."""


def links(segment: Segment) -> Links:
    paths: dict[str, str] = {}
    for path, node in walk(segment):
        if isinstance(node, SegmentFilter):
            paths.setdefault(node.segment, dotted((*path, "segment")))
    return paths


def check_links(read: Rows, new_links: Mapping[str, Links]) -> None:
    """Raises `SpecError` if segments that are to be saved refer to none, or in a circle.

    To be asked in the transaction that saves them: what another process deletes meanwhile would be missed.
    """
    live = {*rows.ids(read), *new_links}
    everywhere = {**graph(read), **new_links}
    problems = [
        problem
        for segment_id, references in new_links.items()
        for problem in [*_missing(references, live), *_circle(segment_id, everywhere)]
    ]
    if problems:
        raise SpecError(problems)


def graph(read: Rows) -> dict[str, Links]:
    """Of every saved segment that refers to others: to which."""
    links_by_segment: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in read(select(references)):
        links_by_segment[row.segment][row.used] = row.path
    return {**links_by_segment}


def _missing(references: Links, live: set[str]) -> list[Problem]:
    return [
        Problem(
            path,
            "unknown_segment",
            f"there is no saved segment {other!r}",
            did_you_mean(other, live) or "save it first",
        )
        for other, path in references.items()
        if other not in live
    ]


def _circle(start: str, everywhere: Mapping[str, Links]) -> list[Problem]:
    """The shortest way from a segment back to itself, as a problem.

    `References` cannot find it here: it reads specs, and only the links tell what others saved meanwhile.
    """
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    waiting = [start]
    for here in waiting:
        for other in everywhere.get(here, {}):
            if other == start:
                way = [*ways[here], start]
                return [circle(everywhere[start][way[1]], way)]
            if other not in ways:
                ways[other] = (*ways[here], other)
                waiting.append(other)
    return []
