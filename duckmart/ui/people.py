"""Who the members are: what sets them apart, then each attribute beside everyone; a click adds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from duckmart import edit
from duckmart.describe import spoken
from duckmart.edit import Draft, Said
from duckmart.mart import Mart, Size
from duckmart.metrics import FEW, Bar, Breakdown, Finding, findings
from duckmart.operators import Kind
from duckmart.segment import Segment, UserFilter, walk
from duckmart.ui import cards, charts, plain, state
from duckmart.ui.asking import ask, failing, figure, remember
from duckmart.values import MAX_WHOLE

FINDINGS_SHOWN = 12
_A_ROW = 3
_HEIGHT = 420
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Card:
    """An attribute's chart, and its bars in the order of the table, those in the figure first."""

    chart: Breakdown
    bars: tuple[Bar, ...]

    def table(self) -> list[dict[str, object]]:
        return [_row(self.chart, bar) for bar in self.bars]


@dataclass(frozen=True, slots=True)
class People:
    """What is shown of the members; `asked` are the attributes that the segment itself asks for."""

    apart: tuple[Finding, ...]
    cards: tuple[Card, ...]
    asked: tuple[str, ...]

    def table(self) -> list[dict[str, object]]:
        return [{"Attribute": one.chart.attribute.name, **_row(one.chart, one.bar)} for one in self.apart]


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """What sets the members apart from everyone, and who they are by each attribute."""
    if not size.total:
        st.caption("Nobody matches, so there is nobody to chart. Loosen a condition to see who comes in.")
        return
    found = failing(
        "people",
        lambda: remember(
            mart,
            segment,
            "people",
            lambda: _people(segment, ask(lambda stop: mart.breakdowns(segment, stop), _HEIGHT)),
        ),
    )
    if found is None:
        return
    if not found.cards:
        st.caption("No attribute of this data can be charted: there is none, or each value is a user's own.")
        return
    _apart(found, segment, mart, size)
    for start in range(0, len(found.cards), _A_ROW):
        columns = st.columns(_A_ROW)
        for column, card in zip(columns, found.cards[start : start + _A_ROW], strict=False):
            with column:
                _attribute(card, segment, mart, found.asked)


def _people(segment: Segment, breakdowns: Sequence[Breakdown]) -> People:
    asked = {node.field for _, node in walk(segment) if isinstance(node, UserFilter)}
    # The segment's own conditions set its members apart by themselves: that is no news.
    told = [chart for chart in breakdowns if chart.attribute.name not in asked]
    apart = tuple(findings(told)[:FINDINGS_SHOWN])
    ordered = sorted(breakdowns, key=lambda chart: (chart.attribute.name in asked, -chart.strength))
    return People(
        apart,
        tuple(map(_card, ordered)),
        tuple(chart.attribute.name for chart in breakdowns if chart.attribute.name in asked),
    )


def _card(chart: Breakdown) -> Card:
    shown = charts.shown(chart)
    bars = (*shown, *(bar for bar in chart.bars if bar not in shown))
    return Card(chart, bars)


def _row(chart: Breakdown, bar: Bar) -> dict[str, object]:
    members, everyone = chart.shares(bar)
    index = chart.index(bar)
    return {
        "Value": charts.label(chart, bar),
        "Index": index and round(index.value),
        "from": index and round(index.low),
        "to": index and round(index.high),
        "Members": bar.members,
        "Members %": round(100 * members, 2),
        "Everyone": bar.everyone,
        "Everyone %": round(100 * everyone, 2),
        "Too few to tell": bar.is_few,
    }


def _apart(found: People, segment: Segment, mart: Mart, size: Size) -> None:
    title = "What sets them apart"
    own = ", ".join(f"`{name.replace('`', ' ')}`" for name in found.asked)
    beside = f" The segment's own {own} left out." if own else ""
    if not found.apart:
        with st.container(border=True, key="card-apart"):
            st.markdown(f"**{title}**")
            st.caption(f"{_why_nothing(size)}{beside}")
        return
    few = (
        f" A ring and * mark fewer than {FEW} members: too few to tell."
        if any(one.bar.is_few for one in found.apart)
        else ""
    )
    cards.show(
        title,
        "Index: the share of members over the share of everyone; 100, in gold, is like everyone. Lines are "
        "95 % intervals; those furthest from 100 come first. Click a dot to add it as a condition."
        f"{few}{beside}",
        figure(mart, segment, "apart", lambda: charts.forest(found.apart)),
        found.table,
        key="apart",
        on_select=lambda place: _add(found.apart[place].chart, found.apart[place].bar, segment.zone),
    )


def _why_nothing(size: Size) -> str:
    if size.total == size.table.everyone:
        return "Everyone matches, so nothing can set them apart. Add a condition to see who it picks."
    if size.total < FEW:
        return f"With {size.total:,} members there are too few to tell what sets them apart from everyone."
    return "Nothing does: in every attribute the members are like everyone, as far as so many can tell."


def _attribute(card: Card, segment: Segment, mart: Mart, asked: Sequence[str]) -> None:
    chart = card.chart
    words = spoken(chart.attribute.name)
    key = f"people-{chart.attribute.name}"
    said = "A condition of the segment." if chart.attribute.name in asked else charts.headline(chart)
    cards.show(
        words[:1].upper() + words[1:],
        f"{plain.markdown(said)} {_hidden(chart)}",
        figure(mart, segment, key, lambda: charts.breakdown(chart)),
        card.table,
        key=key,
        on_select=lambda place: _add(chart, card.bars[place], segment.zone),
    )


def _hidden(chart: Breakdown) -> str:
    """What of the attribute is not in the figure."""
    shown = charts.shown(chart)
    if len(shown) == len(chart.bars):
        return ""
    if chart.width is None:
        return f"{len(shown)} of {len(chart.bars)} values shown."
    members, everyone = chart.shares(next(bar for bar in chart.bars if bar.value is None))
    return f"Without a value: {members:.1%} of the segment, {everyone:.1%} of everyone."


def _add(chart: Breakdown, bar: Bar, zone: ZoneInfo) -> None:
    """Adds a value, band or month as a condition to the segment."""
    draft = state.draft()
    state.commit(added(draft, conditions(chart, bar, zone)))
    name = plain.markdown(f"{spoken(chart.attribute.name)}: {charts.label(chart, bar)}")
    st.toast(f"Added **{name}**{_joined(draft)}", icon=":material/add:")


def _joined(draft: Draft) -> str:
    """How the rows take a further condition, where it does not narrow the segment."""
    if draft.root.negate:
        return " to what is excluded"
    beside = {"OR": " as another “or”", "AT_LEAST": " as one more that may hold"}
    return beside.get(draft.root.logic_operator, "") if draft.root.children else ""


def added(draft: Draft, conditions: Sequence[Said]) -> Draft:
    """The draft with these conditions, which hold together, added to its root."""
    group = edit.ROOT
    if len(conditions) > 1 and draft.root.logic_operator != "AND":
        draft = edit.add(draft, edit.ROOT, "groups")
        group = draft.root.children[-1].id
    for said in conditions:
        draft = edit.add(draft, group, "user_filters", said)
    return draft


def conditions(chart: Breakdown, bar: Bar, zone: ZoneInfo = UTC) -> list[Said]:
    """What holds for exactly the users of a bar; a band of fractions takes two conditions.

    `zone` is that of the segment which they are added to.
    """
    compared = partial(_condition, chart.attribute.name)
    match bar.value, chart.width:
        case None, _:
            return [{"field": chart.attribute.name, "operator": "is_null"}]
        case bool(), _:
            return [compared("eq", bar.value)]
        case Decimal() as low, int() as width if chart.attribute.whole:
            first, last = int(low), int(low) + width - 1
            return [compared("between", (max(first, -MAX_WHOLE), min(last, MAX_WHOLE)))]
        case Decimal() as low, width:
            return [compared("gte", low), compared("lt", low + (width or 0))]
        case date() as begins, width:
            ends = _last_day(begins, int(width or 1))
            if chart.attribute.kind is Kind.TIMESTAMP and zone != UTC:
                # Bars are of months in UTC, a bare date is a day of the segment's zone.
                return [compared("between", (f"{begins}T00:00:00Z", f"{ends}T23:59:59.999999Z"))]
            return [compared("between", (begins.isoformat(), ends.isoformat()))]
        case _:
            return [compared("in", (bar.value,))]


def _condition(field: str, operator: str, value: object) -> Said:
    return {"field": field, "operator": operator, "value": value}


def _last_day(first: date, months: int) -> date:
    month = first.month - 1 + months
    if first.year + month // 12 > date.max.year:
        return date.max
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
