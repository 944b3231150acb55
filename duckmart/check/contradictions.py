"""Conditions of one group that contradict each other, repeat each other, or together hold for everyone."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from duckmart.check.claims import Claim, identity
from duckmart.check.intervals import Values
from duckmart.errors import ConditionPlace, Key, Problem, phrase
from duckmart.spec import describe
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import Child, Group, PropertyFilter

# Characters of a condition's words where a problem quotes it.
_LONGEST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Sibling:
    """A condition of a group and its claim; None where a condition claims nothing that can be compared."""

    path: Path
    node: Child | PropertyFilter
    claim: Claim | None

    @property
    def place(self) -> ConditionPlace:
        words = " ".join(describe.line(self.node).split())
        words = words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}..."
        return ConditionPlace(dotted(self.path), words)


Claims = Sequence[tuple[Sibling, Claim]]


def effective_operator(group: Group) -> str:
    """The group's operator; AT_LEAST is AND where it asks for all, and OR where it asks for one."""
    if group.logic_operator != "AT_LEAST":
        return group.logic_operator
    return {1: "OR", len(group.children): "AND"}.get(group.at_least or 0, "AT_LEAST")


def warnings(rows: Sequence[Sibling], operator: str, whose: str) -> Iterator[Problem]:
    """Warnings about conditions that each hold for some and not for others.

    `operator` joins them; `whose` is what they are about, a user or an event.
    """
    if len(rows) < 2:
        return
    duplicates = dict(_duplicates(rows))
    yield from duplicates.values()
    # A duplicate contradicts nothing that its original does not contradict.
    for claims in _by_subject(row for row in rows if row.path not in duplicates):
        if operator == "AND" and (pair := _conflict(claims, lambda claim: claim.values)):
            message = f"no {whose} can match both this and {{others}}"
            yield _beside(*pair, "contradiction", message, _joined_instead("OR"))
        if operator == "OR" and (pair := _conflict(claims, lambda claim: ~claim.values)):
            message = f"every {whose} matches this or {{others}}"
            yield _beside(*pair, "always_true", message, _joined_instead("AND"))


def _joined_instead(operator: str) -> str:
    return phrase("change one of them, or join them with {operator}", operator=Key(operator))


def _beside(row: Sibling, others: Sequence[Sibling], code: str, template: str, hint: str) -> Problem:
    """A problem of a row that also names other rows."""
    places = tuple(other.place for other in others)
    paths = tuple(place.path for place in places)
    return Problem(dotted(row.path), code, phrase(template, others=places), hint, about=paths)


def _duplicates(rows: Sequence[Sibling]) -> Iterator[tuple[Path, Problem]]:
    first_with_key: dict[Hashable, Sibling] = {}
    for row in rows:
        keys: list[Hashable] = [(type(row.node), identity(row.node))]
        # Different operators can admit the same values: `age > 17` and `age >= 18` of whole numbers.
        if row.claim is not None:
            keys.append((row.claim.subject, row.claim.values))
        twin = next((first_with_key[key] for key in keys if key in first_with_key), None)
        if twin is not None:
            message = "says the same as {others}"
            yield row.path, _beside(row, [twin], "duplicate", message, "remove one of the two")
        for key in keys:
            first_with_key.setdefault(key, row)


def _by_subject(rows: Iterable[Sibling]) -> Iterator[Claims]:
    subjects: dict[Hashable, list[tuple[Sibling, Claim]]] = {}
    for row in rows:
        if row.claim is not None:
            subjects.setdefault(row.claim.subject, []).append((row, row.claim))
    return (claims for claims in subjects.values() if len(claims) > 1)


def _conflict(claims: Claims, leaves: Callable[[Claim], Values]) -> tuple[Sibling, Sequence[Sibling]] | None:
    """The first condition after which no value remains, and the earlier ones that it conflicts with.

    `leaves` gives the values that remain possible under one condition.
    """
    remaining = claims[0][1].domain
    for place, (row, claim) in enumerate(claims):
        remaining = remaining & leaves(claim)
        if not remaining:
            earlier = claims[:place]
            possible = leaves(claim) & claim.domain
            # One earlier condition explains the conflict best; only without such a one are all of them named.
            single = [other for other, other_claim in earlier if not leaves(other_claim) & possible]
            return row, single[:1] or [other for other, _ in earlier]
    return None
