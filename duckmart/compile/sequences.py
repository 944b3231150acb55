"""Events one after another: users for whom some choice of events fits the steps.

A row per user and moment tells which steps happened then; two steps at one moment are not one after another.
Where frames may count groups of simultaneous rows, events are such rows as they are: to make one of those of
a moment takes half of the time. For each moment of the last present step three times decide:
`reached`, the latest moment of step 2 on a way to it; `began`, the first step 1 that is not too long before
it; and `happened`, the next absent event. If any start fits, `began` does: of all starts it is the surest to
be before `reached`, and its time is over first.
"""

from sqlglot import exp

from duckmart import instants
from duckmart.compile.days import length, plus
from duckmart.compile.events import TIME, EventSource
from duckmart.compile.plan import KEY, MOMENTS, SequenceCte
from duckmart.compile.query import comment, identifier, value
from duckmart.spec import describe
from duckmart.spec.segment import Step, event_names

_BEGAN, _LATEST_STEP_2, _HAPPENED = "began", "reached", "happened"


class SequenceQueries:
    """The queries of one sequence, each built on the one before; the last has the users who did it."""

    def __init__(self, cte: SequenceCte, source: EventSource) -> None:
        self.cte, self.sequence, self.source = cte, cte.sequence, source

    def by_name(self) -> dict[str, exp.Select]:
        words = f"{describe.line(self.cte.node)}, until {self.source.moment.as_of.date()}"
        latest, *later = self.cte.parts
        queries = {latest: _captioned(self._steps(), f"{words}: a row per user and moment")}
        for position, part in enumerate(later, 3):
            queries[part] = _captioned(self._latest_step_2(latest, position), f"the way to step {position}")
            latest = part
        return queries | {self.cte.name: self._users(latest)}

    @property
    def _frame(self) -> str:
        """What frames count: the rows of other moments are other groups."""
        return "GROUPS" if self.source.catalog.group_frames else "ROWS"

    def _steps(self) -> exp.Select:
        """For each moment of a user a column per step: the moment if the step happened then, or NULL."""
        time = self.source.column(TIME)
        grouped = not self.source.catalog.group_frames
        cases = (self._when(position, step) for position, step in enumerate(self.sequence.steps, 1))
        steps = (
            exp.alias_(exp.Max(this=case) if grouped else case, f"step_{position}")
            for position, case in enumerate(cases, 1)
        )
        moments = (self.source.column(KEY), time)
        names = [name for step in self.sequence.steps for name in event_names(step.event_name)]
        conditions = [*self.source.is_named(tuple(dict.fromkeys(names)))]
        # No step is before the first, and none later than its time.
        latest = min(self.source.moment.as_of, instants.after(self.sequence.span.until, self.sequence.within))
        conditions += [*self.source.is_from(self.sequence.span), self.source.is_until(latest)]
        query = self.source.select(*moments, *steps).where(*conditions, copy=False)
        return query.group_by(*(column.copy() for column in moments), copy=False) if grouped else query

    def _when(self, position: int, step: Step) -> exp.Expr:
        time = self.source.column(TIME)
        span = self.sequence.span
        conditions = [*self.source.is_named(event_names(step.event_name)), *self.source.has(step.where)]
        if position == 1:
            conditions += self.source.is_near(span.anchor)
            if span.until < self.source.moment.as_of:
                conditions.append(self.source.is_until(span.until))
        if not conditions:
            return time
        return exp.Case().when(exp.and_(*conditions, copy=False), time, copy=False)

    def _latest_step_2(self, before: str, position: int) -> exp.Select:
        """For each moment of this step, the latest moment of step 2 from which the steps lead to it."""
        earlier = exp.Max(this=exp.column("step_2" if position == 3 else _LATEST_STEP_2))
        way = _over(earlier, self._frame, ("UNBOUNDED", "PRECEDING"), (exp.Literal.number(1), "PRECEDING"))
        case = exp.Case().when(_is_not_null(exp.column(f"step_{position}")), way, copy=False)
        later = range(position + 1, len(self.sequence.steps) + 1)
        columns = [exp.column(name) for name in (KEY, TIME, "step_1", *(f"step_{step}" for step in later))]
        columns.insert(3, exp.column(f"step_{position}"))
        return exp.select(*columns, exp.alias_(case, _LATEST_STEP_2)).from_(identifier(before), copy=False)

    def _users(self, latest: str) -> exp.Select:
        """The users for whom some moment of the last present step follows from a start in time."""
        last = self.sequence.present
        end = exp.column(f"step_{last}")
        inner = exp.select(KEY, end).from_(identifier(latest), copy=False)
        conditions: list[exp.Expr] = [_is_not_null(end.copy())]
        began: exp.Expr = end
        if last > 1:
            step_2 = exp.column("step_2" if last == 2 else _LATEST_STEP_2)
            began = exp.column(_BEGAN)
            conditions.append(exp.LT(this=began, expression=step_2))
            inner = inner.select(*([] if last == 2 else [step_2.copy()]), copy=False)
            interval = length(self.sequence.within)
            first = _over(
                exp.Min(this=exp.column("step_1")), "RANGE", (interval, "PRECEDING"), ("CURRENT ROW", None)
            )
            inner = inner.select(exp.alias_(first, _BEGAN), copy=False)
        if self.sequence.is_absent:
            absent = exp.Min(this=exp.column(f"step_{len(self.sequence.steps)}"))
            following = _over(
                absent, self._frame, (exp.Literal.number(1), "FOLLOWING"), ("UNBOUNDED", "FOLLOWING")
            )
            inner = inner.select(exp.alias_(following, _HAPPENED), copy=False)
            happened = exp.column(_HAPPENED)
            deadline = plus(began.copy(), self.sequence.within)
            due = value(instants.before(self.source.moment.as_of, self.sequence.within))
            conditions.append(exp.LTE(this=began.copy(), expression=due))
            conditions.append(
                exp.or_(happened.is_(exp.null()), exp.GT(this=happened.copy(), expression=deadline))
            )
        query = exp.select(KEY).distinct().from_(inner.subquery(MOMENTS), copy=False)
        return query.where(*conditions, copy=False)


def _captioned(query: exp.Select, words: str) -> exp.Select:
    query.add_comments([comment(words)])
    return query


def _is_not_null(column: exp.Expr) -> exp.Expr:
    return exp.not_(column.is_(exp.null()), copy=False)


def _over(
    aggregate: exp.Expr, kind: str, start: tuple[object, str], end: tuple[object, str | None]
) -> exp.Window:
    """An aggregate over the moments of a user, in order, within a frame."""
    return exp.Window(
        this=aggregate,
        partition_by=[exp.column(KEY)],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(TIME))]),
        spec=exp.WindowSpec(kind=kind, start=start[0], start_side=start[1], end=end[0], end_side=end[1]),
    )
