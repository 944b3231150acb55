"""The facade every door talks to: one generation of data, its catalog, and the moment segments count from.

A `Mart` never changes: a request that holds one sees the same data throughout; `current` gives newer data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import count
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from duckmart import compile as compiler
from duckmart import instants
from duckmart.catalog import Catalog
from duckmart.check import CheckContext, Findings, check
from duckmart.check.saved_segments import check_with_saved
from duckmart.compile.query import Plain, Query
from duckmart.engines import Engine, Stop
from duckmart.engines.condition_bits import ConditionBits
from duckmart.engines.condition_cache import ConditionCache
from duckmart.errors import Problem, SpecError, TooLarge, did_you_mean
from duckmart.insight.truth_table import TruthTable
from duckmart.settings import Settings
from duckmart.spec.json_text import Json, read_json
from duckmart.spec.parser import parse, readable
from duckmart.spec.references import References
from duckmart.spec.segment import EventFilter, Segment, SequenceFilter
from duckmart.spec.spans import Moment, Span
from duckmart.spec.tree import conditions

if TYPE_CHECKING:
    # Imported when asked for: a command that lists members starts sooner.
    from duckmart.insight import activity, habits
    from duckmart.insight.explain import Explanation
    from duckmart.insight.findings import Breakdown


@dataclass(frozen=True, slots=True)
class Audience:
    """The members' ids in order, cut if the segment has a limit; `total` is how many there are without it."""

    ids: pa.ChunkedArray
    total: int
    as_of: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Size:
    """How many users a segment has, out of everyone, with the counts behind it."""

    table: TruthTable
    as_of: datetime
    seconds: float

    @property
    def total(self) -> int:
        return self.table.total

    @property
    def share(self) -> float:
        """Of everyone, 0 to 1."""
        return self.total / self.table.everyone if self.table.everyone else 0.0

    def with_root(self, segment: Segment) -> "Size":
        """The size of a segment whose root joins the same children in another way, without a question."""
        return replace(self, table=self.table.with_root(segment), seconds=0.0)


_numbers = count(1)


class Mart:
    """Everything that can be asked of one generation of data. Safe to share between threads."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        saved: Mapping[str, Json] = MappingProxyType({}),
        catalog: Catalog | None = None,
    ) -> None:
        """`saved` are the specs of the saved segments by their ids, looked up at each question.

        Without a `catalog` it is the engine's, as it is when first asked for.
        """
        self.engine, self.settings, self.saved = engine, settings, saved
        # Two marts may answer from different data, so a key of their answers holds the mart's number.
        self.number = next(_numbers)
        self._catalog = catalog
        self._condition_cache = ConditionCache(engine)

    @cached_property
    def catalog(self) -> Catalog:
        """What the data holds, as its two tables alone; SQL to copy is made from it."""
        return replace(self.stored_catalog, summaries={}, group_frames=False)

    @cached_property
    def stored_catalog(self) -> Catalog:
        """What the data holds, with what else is stored to answer sooner; SQL that runs is made from it."""
        return self._catalog or self.engine.catalog()

    def read(self, spec: str | bytes) -> tuple[Segment, tuple[Problem, ...]]:
        """A spec's JSON text as a checked segment, with warnings. Raises `SpecError` with every problem."""
        return self.accept(read_json(spec, self.settings))

    def accept(
        self, raw: Json, moment: datetime | None = None, name: str | None = None
    ) -> tuple[Segment, tuple[Problem, ...]]:
        """As `read`, for plain JSON values; `name` is the id that the segment is saved under, if it is.

        The clock is read once, here: whatever is asked of the segment counts back from the same moment as
        its warnings. A caller that asks again for the same answer hands its `moment` (naive UTC) over.
        """
        try:
            segment = parse(raw, self.settings)
        except TooLarge:
            raise
        except SpecError as error:
            # The parts that can be read are checked too, so that one round of edits can fix everything.
            paths = {problem.path for problem in error.problems}
            more = check(readable(raw), self._context(Segment(), self.moment())).problems
            raise SpecError([*error.problems, *(p for p in more if p.path not in paths)]) from None
        segment, findings = self.check(segment.with_moment(moment) if moment else segment, name)
        if findings.problems:
            raise SpecError(findings.problems)
        return segment, findings.warnings

    def check(self, segment: Segment, name: str | None = None) -> tuple[Segment, Findings]:
        """The segment with the saved ones that it refers to, and all that is wrong with them.

        `name` is the id that the segment is about to be saved under, if it is.
        """
        references = References(segment, self.saved, self.settings, name)
        as_of = self.as_of(segment)
        findings = check_with_saved(segment, references, self._context(segment, as_of))
        return segment.with_saved(references.segments).with_moment(as_of), findings

    def as_of(self, segment: Segment) -> datetime:
        """The moment the segment counts back from, naive UTC: its own, its request's, else the setting's."""
        return segment.moment or self.moment()

    def moment(self) -> datetime:
        """The moment that segments count back from now if they name none, naive UTC."""
        match self.settings.as_of:
            case "data":
                return self.catalog.newest
            case "now":
                return instants.now()
            case text:
                return instants.moment(text, ZoneInfo("UTC"))

    def span(self, condition: EventFilter | SequenceFilter, segment: Segment) -> Span:
        """When the events of a condition count: the dates that its window stands for."""
        moment = Moment(self.as_of(segment), segment.zone)
        return condition.window.span(moment)

    def members(self, segment: Segment) -> Query:
        """The query of the members' ids; it has a LIMIT only if the segment has."""
        return compiler.members(segment, self.catalog, self.as_of(segment))

    def plan(self, segment: Segment) -> compiler.Plan:
        """What the segment asks of the data: what its SQL is made from."""
        return compiler.plan([segment], self.catalog, self.as_of(segment))

    def audience(self, segment: Segment, stop: Stop | None = None) -> Audience:
        """The members; cut only if the segment has a limit."""
        start = perf_counter()
        as_of = self.as_of(segment)
        stop = stop or Stop.after(self.settings.timeout)
        ids = self._delivered(segment, as_of, lambda members: members, stop).column(compiler.KEY)
        # Ids short of the limit are all there are, so nothing is left to count.
        total = self._truth(segment, as_of, stop).total if len(ids) == segment.limit else len(ids)
        return Audience(ids, total, as_of, perf_counter() - start)

    def size(self, segment: Segment, stop: Stop | None = None) -> Size:
        """How many members there are, whatever the limit, and how each condition narrows them."""
        start = perf_counter()
        as_of = self.as_of(segment)
        return Size(self._truth(segment, as_of, stop), as_of, perf_counter() - start)

    def breakdowns(self, segment: Segment, stop: Stop | None = None) -> "list[Breakdown]":
        """Who the members are beside everyone, for every attribute that can be charted."""
        from duckmart.insight import breakdowns  # noqa: PLC0415

        attributes = breakdowns.chart_attributes(self.catalog)
        if not attributes:
            return []
        rows = self._of_members(segment, lambda members: breakdowns.breakdown(members, attributes), stop)
        return breakdowns.read_breakdown(attributes, rows)

    def table(self, segment: Segment, columns: Sequence[str], stop: Stop | None = None) -> pa.Table:
        """The members with the named attributes, ordered by id; cut only if the segment has a limit.

        Raises `SpecError` naming every column that the data does not have.
        """
        from duckmart.insight import users  # noqa: PLC0415

        unknown = [name for name in columns if name not in self.catalog.attributes]
        if unknown:
            raise SpecError([self._unknown_column(name) for name in unknown])
        split = segment.sample is not None and segment.sample.split is not None
        return self._delivered(
            segment,
            self.as_of(segment),
            lambda members: users.with_attributes(members, columns, self.catalog, split=split),
            stop,
        )

    def known_values(
        self, attribute: str, values: Sequence[Plain], stop: Stop | None = None
    ) -> frozenset[Plain]:
        """Those of the values that some user has."""
        from duckmart.insight import users  # noqa: PLC0415

        if not values:
            return frozenset()
        rows = self.engine.run(users.known_values(attribute, values), stop).to_pylist()
        return frozenset(row["value"] for row in rows)

    def explain(
        self, segment: Segment, ids: Sequence[str | int], stop: Stop | None = None
    ) -> "list[Explanation]":
        """Why each of these users is a member or not, in the order given; unknown users are marked."""
        from duckmart.insight import explain as explanations  # noqa: PLC0415

        users, as_of = explanations.user_ids(ids, self.catalog), self.as_of(segment)
        comparable = [user for user in dict.fromkeys(users) if explanations.can_be_asked(user, self.catalog)]
        query = explanations.query(segment, comparable, self.catalog, as_of)
        rows = self.engine.run(query, stop).to_pylist() if comparable else []
        return explanations.read(segment, users, rows, self.catalog, as_of)

    def sizes(self, segments: Sequence[Segment], stop: Stop | None = None) -> list[int]:
        """How many members each of several segments has, in one query.

        They are asked as of one moment, the first one's, and refer to the same saved segments.
        """
        [row] = self._counts(compiler.sizes(segments, self.stored_catalog, self.as_of(segments[0])), stop)
        return [int(row[f"s{position}"]) for position, _ in enumerate(segments, 1)]

    def over_time(
        self, segment: Segment, steps: "activity.Steps", stop: Stop | None = None
    ) -> "list[activity.MemberCounts]":
        """How many events the members and everyone have in each step, oldest first."""
        from duckmart.insight import activity  # noqa: PLC0415

        rows = self._of_members(segment, lambda members: activity.over_time(members, steps), stop)
        return activity.read_over_time(steps, rows)

    def habits(
        self, segment: Segment, audience: "activity.AudienceSize", stop: Stop | None = None
    ) -> "list[habits.Habit]":
        """Which events the members did lately, beside everyone else; what sets them apart comes first."""
        from duckmart.insight import habits  # noqa: PLC0415
        from duckmart.insight.event_windows import event_windows  # noqa: PLC0415

        as_of, zone = self.as_of(segment), segment.zone
        rows = self._of_members(
            segment, lambda members: habits.habits(members, self.catalog, as_of, zone), stop
        )
        windows = event_windows(segment, self.catalog, as_of)
        return habits.read_habits(rows, audience, habits.own_windows(windows, as_of))

    def hours(self, segment: Segment, stop: Stop | None = None) -> list[list[int]]:
        """The members' events in whole weeks, by weekday from Monday and by hour, in the segment's zone."""
        from duckmart.insight import activity  # noqa: PLC0415

        weeks, zone = self.weeks(segment), segment.zone
        rows = self._of_members(segment, lambda members: activity.hours(members, weeks, zone), stop)
        return activity.read_hours(rows)

    def weeks(self, segment: Segment) -> "activity.Weeks":
        """The weeks that `hours` counts."""
        from duckmart.insight import activity  # noqa: PLC0415

        return activity.Weeks.of(self.catalog, self.as_of(segment), segment.zone)

    def timeline(
        self, segment: Segment, user_id: str | int, stop: Stop | None = None
    ) -> "activity.Timeline | None":
        """A user's attributes, and latest events up to the segment's moment; None for an unknown id."""
        from duckmart.insight import activity  # noqa: PLC0415
        from duckmart.insight import explain as explanations  # noqa: PLC0415

        [user] = explanations.user_ids([user_id], self.catalog)
        if not explanations.can_be_asked(user, self.catalog):
            return None
        rows = self.engine.run(activity.attributes(user, self.catalog), stop).to_pylist()
        if not rows:
            return None
        query = activity.timeline(user, self.catalog, self.as_of(segment))
        return activity.read_timeline(user, rows[0], self.engine.run(query, stop).to_pylist())

    def _context(self, segment: Segment, as_of: datetime) -> CheckContext:
        return CheckContext(self.catalog, segment.zone, as_of)

    def _truth(self, segment: Segment, as_of: datetime, stop: Stop | None) -> TruthTable:
        # Every combination is a row of the answer: n conditions may have 2^n of them.
        within_limit = len(segment.children) <= self.settings.max_combined
        question = compiler.truth_table(segment, self.stored_catalog, as_of, by_combination=within_limit)
        return TruthTable.of(segment, self._counts(question, stop))

    def _delivered(
        self, segment: Segment, as_of: datetime, make: Callable[[Query], Query], stop: Stop | None
    ) -> pa.Table:
        """The rows of the query that `make` builds on the members' ids, which are cut at the segment's limit.

        It runs as one query, unless there are more conditions than one query joins well.
        """
        joined = sum(map(conditions, (segment, *segment.saved.values())))
        if self.engine.is_live or joined <= compiler.MOST_JOINED:
            return self.engine.run(make(compiler.members(segment, self.stored_catalog, as_of)), stop)
        question = compiler.delivery(segment, self.stored_catalog, as_of)
        return self._table(replace(question, query=make(question.query)), stop)

    def _of_members(
        self, segment: Segment, make: Callable[[Query], Query], stop: Stop | None
    ) -> list[dict[str, Any]]:
        """The rows of a query that reads the ids of the members, whatever the segment's limit."""
        question = compiler.member_ids(segment, self.stored_catalog, self.as_of(segment))
        return self._answer(replace(question, query=make(question.query)), stop)

    def _counts(self, question: compiler.CountQuestion, stop: Stop | None) -> list[dict[str, Any]]:
        if self.engine.is_live:
            return self._answer(question, stop)
        stop = stop or Stop.after(self.settings.timeout)
        return ConditionBits(self._condition_cache.table(question.conditions, stop)).rows(question)

    def _answer(self, question: compiler.Question, stop: Stop | None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._table(question, stop).to_pylist()
        return rows

    def _table(self, question: compiler.Question, stop: Stop | None) -> pa.Table:
        if self.engine.is_live:
            # Rows may have changed since the cache saw them: everything is asked in one statement.
            return self.engine.run(question.as_one(), stop)
        stop = stop or Stop.after(self.settings.timeout)
        tables = {compiler.CONDITIONS: self._condition_cache.table(question.conditions, stop)}
        return self.engine.run(question.query, stop, tables)

    def _unknown_column(self, name: str) -> Problem:
        columns = self.catalog.attributes
        hint = did_you_mean(name, columns) or f"known columns: {', '.join(columns)}"
        return Problem("columns", "unknown_field", f"unknown column {name!r}", hint)
