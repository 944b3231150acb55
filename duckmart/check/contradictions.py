"""What conditions beside each other make of one another: a contradiction, a repetition, no condition."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from duckmart.check.intervals import Claim, Values, identity
from duckmart.errors import Problem
from duckmart.spec import describe
from duckmart.spec.segment import Child, Group, Path, PropertyFilter, dotted, problem

_WORDS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Sibling:
    """A condition among others, and what it claims."""

    path: Path
    node: Child | PropertyFilter
    claim: Claim | None

    def __str__(self) -> str:
        words = " ".join(describe.line(self.node).split())
        words = words if len(words) <= _WORDS_SHOWN else f"{words[:_WORDS_SHOWN]}..."
        return f"{dotted(self.path)} ({words})"


About = Sequence[tuple[Sibling, Claim]]


def joined_by(group: Group) -> str:
    """AND or OR where AT_LEAST asks for all or for one."""
    if group.logic_operator != "AT_LEAST":
        return group.logic_operator
    return {1: "OR", len(group.children): "AND"}.get(group.at_least or 0, "AT_LEAST")


def warnings(rows: Sequence[Sibling], joined: str, whose: str) -> Iterator[Problem]:
    """`whose` is what matches: a user, an event. The rows may all hold for some and not for others."""
    if len(rows) < 2:
        return
    repeated = dict(_repeated(rows))
    yield from repeated.values()
    for about in _by_subject(row for row in rows if row.path not in repeated):
        if joined == "AND" and (pair := _exhausted(about, lambda made: made.admitted)):
            row, others = pair
            message = f"no {whose} can match both this and {others}"
            yield problem(row.path, "contradiction", message, "change one of them, or join them with OR")
        if joined == "OR" and (pair := _exhausted(about, lambda made: ~made.admitted)):
            row, others = pair
            message = f"every {whose} matches this or {others}"
            yield problem(row.path, "always_true", message, "change one of them, or join them with AND")


def _repeated(rows: Sequence[Sibling]) -> Iterator[tuple[Path, Problem]]:
    seen: dict[Hashable, Sibling] = {}
    for row in rows:
        keys: list[Hashable] = [(type(row.node), identity(row.node))]
        if row.claim is not None:
            keys.append((row.claim.subject, row.claim.admitted))
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            message = f"says the same as {first}"
            yield row.path, problem(row.path, "duplicate", message, "remove one of the two")
        for key in keys:
            seen.setdefault(key, row)


def _by_subject(rows: Iterable[Sibling]) -> Iterator[About]:
    subjects: dict[Hashable, list[tuple[Sibling, Claim]]] = {}
    for row in rows:
        if row.claim is not None:
            subjects.setdefault(row.claim.subject, []).append((row, row.claim))
    return (about for about in subjects.values() if len(about) > 1)


def _exhausted(about: About, leaves: Callable[[Claim], Values]) -> tuple[Sibling, str] | None:
    """The first condition after which no value is left, and the earlier ones that it is so with."""
    left = about[0][1].possible
    for place, (row, made) in enumerate(about):
        left = left & leaves(made)
        if not left:
            before = [other for other, _ in about[:place]]
            alone = [other for other, its in about[:place] if not leaves(its) & leaves(made) & made.possible]
            return row, " and ".join(map(str, alone[:1] or before))
    return None
