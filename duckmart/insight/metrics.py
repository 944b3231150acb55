"""What a segment's numbers say: size, waterfall, and who its members are beside everyone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile import KEY, USERS, VARIANT, key_in_order
from duckmart.compile.names import fresh
from duckmart.compile.query import Plain, Query, any_of, column, identifier, value
from duckmart.insight.findings import Bar, Breakdown
from duckmart.spec.kinds import Bars
from duckmart.spec.paths import Path
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk
from duckmart.spec.values import MAX_WHOLE

Flags = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TruthTable:
    """How many users there are of each kind, before `negate` and sample but for `total`.

    `combinations` are users by which of the root's children hold, in the spec's order; None where there are
    too many children, and then only plain counts are known. `sampled` are those of them in the sample, if the
    spec has one. `nested` and `without_value` count by a condition's path: for whom a nested one holds, and
    who has no value for it to compare.
    """

    segment: Segment
    everyone: int
    total: int
    alone: Sequence[int]
    combinations: Mapping[Flags, int] | None
    sampled: Mapping[Flags, int] | None
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
        combined = not rows or "total" not in rows[0]
        combinations = _users_by(names, rows) if combined else None
        sampled = None
        if combined and rows and "sampled" in rows[0]:
            sampled = _users_by(names, [row for row in rows if row["sampled"]])
        if combinations is None:
            total, alone = int(rows[0]["total"]), [int(rows[0][name]) for name in names]
        else:
            total = _members(segment, combinations if sampled is None else sampled)
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
            sampled,
            nested={path: users for (kind, path), users in counts.items() if kind == "n"},
            without_value={path: users for (kind, path), users in counts.items() if kind == "v"},
        )

    def rejoined(self, segment: Segment) -> "TruthTable":
        """The table of a segment whose root joins the same children in another way, from the combinations."""
        counted = self.combinations if self.sampled is None else self.sampled
        return replace(self, segment=segment, total=_members(segment, counted or {}))

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
        counted = self.combinations if self.sampled is None else self.sampled
        if counted is None:
            return None
        others = len(self.alone) - 1
        wanted = min(self.segment.at_least or 1, others)
        segment = self.segment.model_copy(update={"at_least": wanted})
        return [
            sum(
                users
                for flags, users in counted.items()
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
        counted = self.combinations or {}
        return sum(users for flags, users in counted.items() if holds(self.segment, flags[first]))


def _members(segment: Segment, counted: Mapping[Flags, int]) -> int:
    return sum(users for flags, users in counted.items() if holds(segment, flags) != segment.negate)


def holds(segment: Segment, flags: Flags) -> bool:
    """Whether the root holds, before `negate`, where these of its children do; of none, for everyone."""
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


# More values than this make no chart: a name or an id says nothing about who people are.
VALUES_CHARTED = 60
BANDS = 12


def charted(catalog: Catalog) -> list[Column]:
    """The attributes that can be broken down, in the order of the data."""
    return [
        attribute
        for attribute in catalog.attributes.values()
        if attribute.name != KEY and _is_charted(attribute)
    ]


def breakdown(members: Query, attributes: Sequence[Column]) -> Query:
    """One query for all attributes: rows of `field`, `value` (as text), `everyone`, `members`.

    `members` is a query of user ids without a limit.
    """
    in_segment = exp.column(KEY, "members").is_(exp.null()).not_()
    names = [attribute.name for attribute in attributes]
    flag = _beside("is_member", names)
    flagged = (
        exp.select(*(column(name, "u") for name in names), exp.alias_(in_segment, flag))
        .from_(exp.Table(this=identifier(USERS), alias=exp.TableAlias(this=identifier("u"))))
        .join(
            "members",
            on=exp.EQ(this=exp.column(KEY, "members"), expression=exp.column(KEY, "u")),
            join_type="left",
        )
    )
    parts = [_bars(attribute, flag) for attribute in attributes]
    query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
    return Query(query.with_("members", as_=members.tree).with_("flagged", as_=flagged))


def known(attribute: str, values: Sequence[Plain]) -> Query:
    """Rows of `value`: those of the values that some user has."""
    operand = exp.column(identifier(attribute))
    query = exp.select(exp.alias_(operand, "value")).distinct().from_(identifier(USERS))
    return Query(query.where(any_of(operand.copy(), values)))


def read_breakdown(attributes: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Breakdown]:
    """The rows of `breakdown` as charts: bands in order, values by how many of everyone have them."""
    return [
        _breakdown(attribute, [row for row in rows if row["field"] == attribute.name])
        for attribute in attributes
    ]


def with_attributes(
    members: Query, columns: Sequence[str], catalog: Catalog, *, split: bool = False
) -> Query:
    """The members with some of their attributes, ordered by user id; of a split segment also their arm.

    The arm's column is `variant`, or numbered if that is one of the attributes.
    """
    names = list(dict.fromkeys((KEY, *columns)))
    shown = [exp.alias_(column(name, "u"), identifier(name)) for name in names]
    if split:
        shown.append(exp.alias_(column(VARIANT, "members"), _beside(VARIANT, names)))
    query = (
        exp.select(*shown)
        .from_(exp.Table(this=identifier(USERS), alias=exp.TableAlias(this=identifier("u"))))
        .join("members", on=exp.EQ(this=exp.column(KEY, "members"), expression=exp.column(KEY, "u")))
        .order_by(key_in_order(column(KEY, "u"), catalog))
        .with_("members", as_=members.tree)
    )
    return Query(query)


def _beside(name: str, attributes: Iterable[str]) -> str:
    """A name for a column beside these: engines read names whatever their case."""
    return fresh(name, {attribute.casefold() for attribute in attributes})


def _is_charted(attribute: Column) -> bool:
    if attribute.kind.bars is Bars.VALUES:
        return attribute.complete and 0 < len(attribute.values) <= VALUES_CHARTED
    return attribute.low is not None and (attribute.kind.bars is not Bars.WIDTHS or _fits_bands(attribute))


def _fits_bands(attribute: Column) -> bool:
    """Whether 64 bits hold the bands: one cell of 1e300 leaves nothing to see of the others."""
    if not all(Decimal(str(end)).is_finite() for end in (attribute.low, attribute.high)):
        return False
    width = _width(attribute)
    farthest = max(abs(Decimal(str(end))) for end in (attribute.low, attribute.high))
    return max(width, farthest / width) <= MAX_WHOLE


def _bars(attribute: Column, flag: str) -> exp.Select:
    name = exp.alias_(value(attribute.name), "field")
    band = exp.alias_(exp.cast(_band(attribute), exp.DType.VARCHAR), "value")
    everyone = exp.alias_(exp.Count(this=exp.Star()), "everyone")
    members = exp.alias_(exp.CountIf(this=exp.column(flag)), "members")
    banded = exp.select(name, band, exp.column(flag)).from_("flagged")
    counted = exp.select("field", "value", everyone, members).from_(banded.subquery("banded"))
    return counted.group_by("field", "value")


def _band(attribute: Column) -> exp.Expr:
    """The value itself, the number of its band counted from zero, or the start of its month or year."""
    operand = exp.column(identifier(attribute.name))
    match attribute.kind.bars:
        case Bars.WIDTHS:
            width = _width(attribute)
            if attribute.whole:
                return _whole_widths(operand, int(width))
            return exp.cast(exp.Floor(this=_in_widths(operand, width)), exp.DType.BIGINT)
        case Bars.MONTHS:
            unit = "year" if _months(attribute) > 3 * BANDS else "month"
            return exp.cast(exp.TimestampTrunc(this=operand, unit=exp.var(unit)), exp.DType.DATE)
        case Bars.VALUES:
            return operand
        case _:
            assert_never(attribute.kind.bars)


def _whole_widths(operand: exp.Expr, width: int) -> exp.Expr:
    """How many whole widths go into a whole number, in whole numbers: a fraction of 2**60 is not exact."""
    rest = exp.Mod(this=operand.copy(), expression=value(width))
    is_below = exp.cast(exp.Paren(this=exp.LT(this=rest, expression=value(0))), exp.DType.BIGINT)
    return exp.Sub(this=exp.IntDiv(this=operand, expression=value(width)), expression=is_below)


def _in_widths(operand: exp.Expr, width: int | Decimal) -> exp.Expr:
    """How many widths go into a number."""
    if width < 1:  # Its inverse is whole and so exact, while 0.3 / 0.1 is 2.9999999999999996.
        return exp.Mul(this=operand, expression=value(int(1 / width)))
    return exp.Div(this=operand, expression=value(width))


def _breakdown(attribute: Column, rows: Sequence[Mapping[str, Any]]) -> Breakdown:
    bars = [Bar(_read(attribute, row["value"]), row["everyone"], int(row["members"])) for row in rows]
    known = [bar for bar in bars if bar.value is not None]
    if attribute.kind.bars is Bars.VALUES:
        known.sort(key=lambda bar: (-bar.everyone, str(bar.value)))
    else:
        known.sort(key=_position)
    width: Decimal | int | None = None
    if attribute.kind.bars is Bars.WIDTHS:
        width = _width(attribute)
    elif attribute.kind.bars is Bars.MONTHS:
        width = 12 if _months(attribute) > 3 * BANDS else 1
    return Breakdown(attribute, (*known, *(bar for bar in bars if bar.value is None)), width)


def _position(bar: Bar) -> Any:
    return bar.value


def _read(attribute: Column, text: str | None) -> str | Decimal | date | bool | None:
    if text is None:
        return None
    match attribute.kind.bars:
        case Bars.WIDTHS:
            return int(text) * Decimal(_width(attribute))
        case Bars.MONTHS:
            return date.fromisoformat(text)
        case Bars.VALUES:
            return text == "true" if attribute.kind.is_boolean else text
        case _:
            assert_never(attribute.kind.bars)


def _months(attribute: Column) -> int:
    assert isinstance(attribute.low, date)  # noqa: S101 - the catalog gives dates and times their range
    assert isinstance(attribute.high, date)  # noqa: S101
    return 12 * (attribute.high.year - attribute.low.year) + attribute.high.month - attribute.low.month


def _width(attribute: Column) -> int | Decimal:
    """A round band width, 1, 2 or 5 times a power of ten, that cuts the range into at most `BANDS`."""
    span = Decimal(str(attribute.high)) - Decimal(str(attribute.low))
    widths = (width for width in _round_numbers(whole=attribute.whole) if span / width <= BANDS)
    return next(widths)


def _round_numbers(*, whole: bool) -> Iterator[int | Decimal]:
    power = Decimal(1) if whole else Decimal("0.01")
    while True:
        for digit in (1, 2, 5):
            width = digit * power
            yield int(width) if width == width.to_integral_value() else width
        power *= 10
