"""What conditions beside each other make of one another: a contradiction, a repetition, no condition."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from duckmart.check.intervals import Claim, Values, identity
from duckmart.errors import ConditionPlace, Key, Problem, phrase
from duckmart.spec import describe
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import Child, Group, PropertyFilter

_WORDS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Sibling:
    """A condition among others, and what it claims."""

    path: Path
    node: Child | PropertyFilter
    claim: Claim | None

    @property
    def place(self) -> ConditionPlace:
        words = " ".join(describe.line(self.node).split())
        words = words if len(words) <= _WORDS_SHOWN else f"{words[:_WORDS_SHOWN]}..."
        return ConditionPlace(dotted(self.path), words)


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
            message = f"no {whose} can match both this and {{others}}"
            yield _beside(*pair, "contradiction", message, _joined_instead("OR"))
        if joined == "OR" and (pair := _exhausted(about, lambda made: ~made.admitted)):
            message = f"every {whose} matches this or {{others}}"
            yield _beside(*pair, "always_true", message, _joined_instead("AND"))


def _joined_instead(operator: str) -> str:
    return phrase("change one of them, or join them with {operator}", operator=Key(operator))


def _beside(row: Sibling, others: Sequence[Sibling], code: str, template: str, hint: str) -> Problem:
    """A problem of a row that is about others too."""
    places = tuple(other.place for other in others)
    paths = tuple(place.path for place in places)
    return Problem(dotted(row.path), code, phrase(template, others=places), hint, about=paths)


def _repeated(rows: Sequence[Sibling]) -> Iterator[tuple[Path, Problem]]:
    seen: dict[Hashable, Sibling] = {}
    for row in rows:
        keys: list[Hashable] = [(type(row.node), identity(row.node))]
        if row.claim is not None:
            keys.append((row.claim.subject, row.claim.admitted))
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            message = "says the same as {others}"
            yield row.path, _beside(row, [first], "duplicate", message, "remove one of the two")
        for key in keys:
            seen.setdefault(key, row)


def _by_subject(rows: Iterable[Sibling]) -> Iterator[About]:
    subjects: dict[Hashable, list[tuple[Sibling, Claim]]] = {}
    for row in rows:
        if row.claim is not None:
            subjects.setdefault(row.claim.subject, []).append((row, row.claim))
    return (about for about in subjects.values() if len(about) > 1)


def _exhausted(about: About, leaves: Callable[[Claim], Values]) -> tuple[Sibling, Sequence[Sibling]] | None:
    """The first condition after which no value is left, and the earlier ones that it is so with."""
    left = about[0][1].possible
    for place, (row, made) in enumerate(about):
        left = left & leaves(made)
        if not left:
            before = [other for other, _ in about[:place]]
            alone = [other for other, its in about[:place] if not leaves(its) & leaves(made) & made.possible]
            return row, alone[:1] or before
    return None
