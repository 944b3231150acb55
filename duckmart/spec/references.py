"""The saved segments that a spec refers to, at any depth; circles and missing ones are problems."""

from collections.abc import Iterable, Mapping

from duckmart.errors import Problem, SavedId, SpecError, did_you_mean, phrase
from duckmart.settings import Settings
from duckmart.spec.json_text import Json
from duckmart.spec.parser import parse
from duckmart.spec.paths import Path, dotted, problem
from duckmart.spec.segment import Segment, SegmentFilter
from duckmart.spec.tree import conditions, walk
from duckmart.spec.values import quote

LONGEST_CHAIN = 20


class References:
    """The saved segments below one segment: `segments` holds each once, `problems` what is wrong with them.

    `saved` maps ids to specs. `name` is the segment's own id, if it is about to be saved under one.
    """

    def __init__(
        self, segment: Segment, saved: Mapping[str, Json], settings: Settings, name: str | None = None
    ) -> None:
        self._saved, self._settings = saved, settings
        self.segments: dict[str, Segment] = {}
        # By the id of each saved segment, the place in the spec whose reference leads to it.
        self.paths: dict[str, Path] = {}
        self.problems: list[Problem] = []
        # The length of the longest chain from each segment: following it again would take exponential time.
        self._chains: dict[str, int] = {}
        for path, node in walk(segment):
            if isinstance(node, SegmentFilter):
                self._follow(node.segment, (*path, "segment"), (name,) if name else ())
        self._count(segment)

    def _follow(self, segment_id: str, path: Path, chain: tuple[str, ...]) -> int:
        """Look up a segment and all below it, and return the length of the longest chain from it."""
        if segment_id in chain:
            self._add(circle(dotted(path), (*chain[chain.index(segment_id) :], segment_id)))
            return 0
        if len(chain) + self._chains.get(segment_id, 1) > LONGEST_CHAIN:
            way = tuple(map(SavedId, chain[:3]))
            message = phrase(
                "a chain of references longer than {most}: {way} → ...", most=LONGEST_CHAIN, way=way
            )
            self._problem(path, "too_deep", message, "refer to fewer segments in a row")
            return 0
        if segment_id not in self._chains:
            segment = self._read(segment_id, path)
            if segment is None:
                return 1
            self.paths[segment_id] = path
            nodes = [node for _, node in walk(segment) if isinstance(node, SegmentFilter)]
            below = [self._follow(node.segment, path, (*chain, segment_id)) for node in nodes]
            self._chains[segment_id] = 1 + max(below, default=0)
            self.segments[segment_id] = segment
        return self._chains[segment_id]

    def _read(self, segment_id: str, path: Path) -> Segment | None:
        raw = self._saved.get(segment_id)
        if raw is None:
            hint = did_you_mean(segment_id, self._saved) or "save it first, or remove the condition"
            self._problem(path, "unknown_segment", f"there is no saved segment {quote(segment_id)}", hint)
            return None
        try:
            return parse(raw, self._settings)
        except SpecError as error:
            for cause in error.problems:
                message = phrase("the saved segment {wanted}: {cause}", wanted=quote(segment_id), cause=cause)
                self._problem(path, cause.code, message, "fix it there")
            return None

    def _count(self, segment: Segment) -> None:
        total = conditions(segment) + sum(map(conditions, self.segments.values()))
        if self.segments and total > self._settings.max_conditions:
            message = f"with the saved segments it refers to, the spec holds {total:,} conditions"
            hint = f"at most {self._settings.max_conditions:,} are allowed"
            self._problem((), "too_many_conditions", message, hint)

    def _problem(self, path: Path, code: str, message: str, hint: str) -> None:
        self._add(problem(path, code, message, hint))

    def _add(self, problem: Problem) -> None:
        # A saved segment that names another one twice makes one problem for whoever refers to it.
        if problem not in self.problems:
            self.problems.append(problem)


def circle(path: str, way: Iterable[str]) -> Problem:
    """The problem of saved segments that refer to each other in a circle; `way` ends where it begins."""
    message = phrase("refers to itself: {way}", way=tuple(map(SavedId, way)))
    return Problem(path, "circle", message, "break the circle in one of them")
