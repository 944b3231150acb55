"""What sets members apart from everyone else: shares compared value by value, and tested against chance.

Each number here is explained, with its formula, in docs/figures.md.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import NormalDist
from typing import NamedTuple, assert_never

from duckmart.catalog import Column
from duckmart.compile import KEY
from duckmart.insight.significance import FALSE_DISCOVERY_RATE, adjusted, p_values
from duckmart.spec.segment import (
    Child,
    EventFilter,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)
from duckmart.spec.tree import walk

# With fewer expected users than this, chance may hide a difference, or look like one.
FEW = 30
# How many standard errors a 95 % interval reaches to each side.
Z = NormalDist().inv_cdf(0.975)


class Fourfold(NamedTuple):
    """`having` of `members` have something, `everyone_having` of `everyone`; members are among everyone."""

    having: int
    members: int
    everyone_having: int
    everyone: int

    @property
    def rest(self) -> int:
        return self.everyone - self.members

    @property
    def rest_having(self) -> int:
        return self.everyone_having - self.having

    @property
    def shares(self) -> tuple[float, float]:
        """The share of the members, and of everyone else, who have it."""
        return _share(self.having, self.members), _share(self.rest_having, self.rest)

    @property
    def expected(self) -> float:
        """How many members would have it if it were as common among them as among everyone."""
        return self.members * self.everyone_having / self.everyone if self.everyone else 0.0

    @property
    def can_differ(self) -> bool:
        """Whether some users have it and some do not."""
        return 0 < self.everyone_having < self.everyone

    @property
    def is_few(self) -> bool:
        """Whether too few are expected to have it, of the members or of the rest, to call the two alike."""
        if not self.members or not self.rest:
            return False
        return self.everyone_having * min(self.members, self.rest) < FEW * self.everyone


@dataclass(frozen=True, slots=True)
class Bar:
    """One value or band of an attribute, and how many of everyone and of the members have it."""

    value: str | int | Decimal | date | bool | None
    everyone: int
    members: int


@dataclass(frozen=True, slots=True)
class Index:
    """A share of the members over that of everyone, or of the rest, times 100, and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, having: int, members: int, everyone_having: int, everyone: int) -> "Index | None":
        """The index against everyone; None where nobody has it, or there is nobody.

        Members are among everyone, so the two shares vary together; those of members and rest do not. Where w
        is the members' share of everyone, the index is 100 * ratio / (w * ratio + 1 - w): it grows with the
        ratio to the rest, so the ends of the ratio's interval give the ends of the index's, and one holds 100
        where the other does.
        """
        ratio = cls.to_rest(having, members, everyone_having, everyone)
        if not members or not everyone_having:
            return None
        value = 100 * having * everyone / (members * everyone_having)
        if ratio is None:
            return cls(value, value, value)
        weight = members / everyone
        low, high = (
            100 * end / (weight * end + 100 * (1 - weight)) if end < math.inf else value
            for end in (ratio.low, ratio.high)
        )
        return cls(value, low, high)

    @classmethod
    def to_rest(cls, having: int, members: int, everyone_having: int, everyone: int) -> "Index | None":
        """The index against everyone else; None where nobody has it, or there is nobody, or nobody else.

        With a of n members and c of r others, ratio = (a / n) / (c / r), and by Katz et al. (1978),
        "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34, log(ratio) has
        the standard error sqrt(1/a - 1/n + 1/c - 1/r). A count of 0 has no logarithm: then half a user is
        added to each of the four for the interval. Where nobody else has it, the index is infinite.
        """
        rest, others = everyone - members, everyone_having - having
        if not members or not rest or not everyone_having:
            return None
        value = 100 * having * rest / (members * others) if others else math.inf
        half = 0 if having and others else 0.5
        a, n, c, r = having + half, members + half, others + half, rest + half
        # Rounding may leave a tiny negative number under the root.
        ratio, error = (a / n) / (c / r), math.sqrt(max(1 / a - 1 / n + 1 / c - 1 / r, 0))
        low, high = 100 * ratio * math.exp(-Z * error), 100 * ratio * math.exp(Z * error)
        # Where no member or nobody else has it, no index could be further out.
        return cls(value, low if having else 0.0, high if others else math.inf)

    @property
    def strength(self) -> float:
        """How far the interval's end nearest to 100 is from it, as a logarithm; 0 if 100 is inside."""
        nearest = self.low if self.low > 100 else self.high
        return 0.0 if self.low <= 100 <= self.high else abs(math.log(nearest / 100))


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Who the members are by one attribute; `width` is a band's, in the attribute's unit or in months.

    `known` counts the users with a list where the attribute holds lists: a user may be in several bars then,
    or in none.
    """

    attribute: Column
    bars: tuple[Bar, ...]
    width: Decimal | int | None = None
    known: Bar | None = None

    def fourfold(self, bar: Bar) -> Fourfold:
        """The counts for a bar among users with a known value; for the bar of "no value", among all users."""
        apart = [one for one in self.bars if one.value is not None] if self.known is None else [self.known]
        among = [*apart, *([bar] if bar.value is None else [])]
        members, everyone = sum(one.members for one in among), sum(one.everyone for one in among)
        return Fourfold(bar.members, members, bar.everyone, everyone)

    def shares(self, bar: Bar) -> tuple[float, float]:
        """The share of the members and of everyone else who have this value, of those with any."""
        return self.fourfold(bar).shares

    def index(self, bar: Bar) -> Index | None:
        """The members' share over everyone's; None where there is nobody."""
        return Index.of(*self.fourfold(bar))


@dataclass(frozen=True, slots=True)
class Finding:
    """One value or band of an attribute that sets members apart, and how far, against everyone else.

    `p` is adjusted for all that was tested with it.
    """

    chart: Breakdown
    bar: Bar
    index: Index
    p: float


def adjusted_p_values(tests: Sequence[Fourfold]) -> list[float]:
    """The exact p-value of each of these tests, adjusted for all of them together."""
    # What everyone has, or nobody, cannot set anyone apart: counting it as a test would weaken the others.
    able = [counts for counts in tests if counts.can_differ]
    if not able:
        return [1.0] * len(tests)
    p = iter(adjusted(p_values(*zip(*able, strict=True))))
    return [float(next(p)) if counts.can_differ else 1.0 for counts in tests]


def findings(charts: Sequence[Breakdown]) -> list[Finding]:
    """What sets the members apart from everyone else, strongest first, of all bars of these charts.

    Each bar is tested exactly, and p-values are adjusted for all bars together: at most
    `FALSE_DISCOVERY_RATE` of the findings are expected to be chance. If the members were drawn at random,
    the chance of any finding is as small.
    """
    tests = [(chart, bar, chart.fourfold(bar)) for chart in charts for bar in chart.bars]
    p = adjusted_p_values([counts for _, _, counts in tests])
    results = [
        Finding(chart, bar, index, bar_p)
        for (chart, bar, counts), bar_p in zip(tests, p, strict=True)
        if bar_p <= FALSE_DISCOVERY_RATE and (index := Index.to_rest(*counts))
    ]
    return sorted(results, key=lambda finding: (-finding.index.strength, finding.p))


def fields_filtered(segment: Segment) -> frozenset[str]:
    """The attributes that decide who is a member, here or in a saved segment that the segment refers to.

    They are in conditions, or are dates that windows count from. That they set the members apart is no
    finding. `user_id` is not among them: it is no attribute to chart.
    """
    groups = (segment, *segment.saved.values())
    return frozenset(field for group in groups for _, node in walk(group) for field in _fields(node)) - {KEY}


def _fields(node: Child) -> Iterator[str]:
    match node:
        case UserFilter():
            yield from filter(None, (node.field, node.other_field))
        case EventFilter():
            windows = (side.window for _, side in node.sides)
            yield from (window.own_date for window in windows if window.own_date is not None)
        case SequenceFilter():
            if node.window.own_date is not None:
                yield node.window.own_date
        case SegmentFilter() | Group():
            return
        case _:
            assert_never(node)


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0
