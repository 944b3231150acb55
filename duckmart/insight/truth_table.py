"""How many users each combination of a segment's conditions holds for, and what follows from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duckmart.spec.paths import Path
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk

Flags = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TruthTable:
    """Numbers of users, all but `total` before `negate` and sample.

    `combinations` has users by which of the root's children hold, in the spec's order; None if there are too
    many children for that, and then only plain counts are known. `sample_combinations` has those in the
    sample, if the spec has one. By a condition's path, `nested` has the users for whom a nested one holds,
    and `without_value` those who have no value for it to compare.
    """

    segment: Segment
    everyone: int
    total: int
    alone: Sequence[int]
    combinations: Mapping[Flags, int] | None
    sample_combinations: Mapping[Flags, int] | None
    nested: Mapping[Path, int]
    without_value: Mapping[Path, int]

    @classmethod
    def of(cls, segment: Segment, rows: Sequence[Mapping[str, Any]]) -> "TruthTable":
        """The rows of `compile.truth_table`."""
        names = [f"c{position}" for position, _ in enumerate(segment.children, 1)]
        counts = {
            (kind, path): sum(int(row[f"{kind}{position}"]) for row in rows)
            for position, (path, _) in enumerate(walk(segment), 1)
            for kind in "nv"
            if rows and f"{kind}{position}" in rows[0]
        }
        everyone = sum(row["users"] for row in rows)
        # Without combinations the query counts all of it itself, in one row.
        has_combinations = not rows or "total" not in rows[0]
        combinations = _users_by(names, rows) if has_combinations else None
        sample_combinations = None
        if has_combinations and rows and "sampled" in rows[0]:
            sample_combinations = _users_by(names, [row for row in rows if row["sampled"]])
        if combinations is None:
            total, alone = int(rows[0]["total"]), [int(rows[0][name]) for name in names]
        else:
            total = _members(segment, combinations if sample_combinations is None else sample_combinations)
            alone = [
                sum(users for flags, users in combinations.items() if flags[child])
                for child, _ in enumerate(names)
            ]
        return cls(
            segment,
            everyone,
            total,
            alone,
            combinations,
            sample_combinations,
            nested={path: users for (kind, path), users in counts.items() if kind == "n"},
            without_value={path: users for (kind, path), users in counts.items() if kind == "v"},
        )

    def with_root(self, segment: Segment) -> "TruthTable":
        """The table of a segment with the same children under another root, without another query."""
        combinations = self.combinations if self.sample_combinations is None else self.sample_combinations
        return replace(self, segment=segment, total=_members(segment, combinations or {}))

    @property
    def waterfall(self) -> list[int] | None:
        """For each child, the users left (all) or gathered (any, at least) after it and those before it."""
        if self.combinations is None:
            return None
        return [self._matching(slice(child + 1)) for child, _ in enumerate(self.alone)]

    @property
    def without(self) -> list[int] | None:
        """For each child, the segment's size if it were left out.

        Where all n of n have to hold, all n - 1 of the others do then, as in the builder.
        """
        combinations = self.combinations if self.sample_combinations is None else self.sample_combinations
        if combinations is None:
            return None
        others = len(self.alone) - 1
        at_least = min(self.segment.at_least or 1, others)
        segment = self.segment.model_copy(update={"at_least": at_least})
        return [
            sum(
                users
                for flags, users in combinations.items()
                if holds(segment, (*flags[:child], *flags[child + 1 :])) != segment.negate
            )
            for child, _ in enumerate(self.alone)
        ]

    @property
    def decisive(self) -> int | None:
        """The child that, left out, would let the segment grow the most; if none would, shrink the most."""
        changes = [users - self.total for users in self.without or ()]
        if len(changes) < 2 or not any(changes):
            return None
        # An OR shrinks without any of its children: then the largest loss decides.
        most = max(changes) if max(changes) > 0 else min(changes)
        return changes.index(most)

    @property
    def idle(self) -> list[int]:
        """The children that change nothing, each left out by itself."""
        without = self.without or ()
        return [child for child, users in enumerate(without) if len(without) > 1 and users == self.total]

    @property
    def near_misses(self) -> list[int] | None:
        """For each child, the users whom it alone keeps out; None for roots that do not ask for all."""
        if self.combinations is None or not asks_for_all(self.segment) or self.segment.negate:
            return None
        children = range(len(self.alone))
        return [self.combinations.get(tuple(other != child for other in children), 0) for child in children]

    def _matching(self, first: slice) -> int:
        """Users for whom the first children hold, joined as the root joins them."""
        combinations = self.combinations or {}
        return sum(users for flags, users in combinations.items() if holds(self.segment, flags[first]))


def _members(segment: Segment, combinations: Mapping[Flags, int]) -> int:
    return sum(users for flags, users in combinations.items() if holds(segment, flags) != segment.negate)


def holds(segment: Segment, flags: Flags) -> bool:
    """Whether the root holds, before `negate`, if these of its children do; an empty root always does."""
    if segment.logic_operator == "AT_LEAST" and flags:
        return sum(flags) >= (segment.at_least or 1)
    return all(flags) if segment.logic_operator == "AND" or not flags else any(flags)


def asks_for_all(segment: Segment) -> bool:
    """Whether all of the root's children have to hold, be it as at least n of n."""
    if segment.logic_operator == "AT_LEAST":
        return segment.at_least == len(segment.children)
    return segment.logic_operator == "AND"


def _users_by(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[Flags, int]:
    users: dict[Flags, int] = {}
    for row in rows:
        flags = tuple(row[name] for name in names)
        users[flags] = users.get(flags, 0) + row["users"]
    return users
