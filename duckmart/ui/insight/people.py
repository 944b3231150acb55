"""Who the members are: what sets them apart, then each attribute; a click adds a condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from duckmart.insight.findings import Bar, Breakdown, Finding, Index, fields_filtered, findings
from duckmart.mart import Mart, Size
from duckmart.spec import edit
from duckmart.spec.draft import ROOT, Draft
from duckmart.spec.json_text import JsonObject
from duckmart.spec.segment import Segment
from duckmart.spec.values import MAX_WHOLE
from duckmart.spec.words import readable_name
from duckmart.ui import formatting
from duckmart.ui.insight import apartness, comparison
from duckmart.ui.session import state
from duckmart.ui.session.query_runner import ask_once, failing, figure
from duckmart.ui.widgets import cards
from duckmart.ui.widgets.charts import percent

MOST_FINDINGS = 12
_A_ROW = 3
_HEIGHT = 420
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Card:
    """An attribute's chart, and its bars in the order of the table, those in the figure first.

    `few` are the bars with too few users to call members and everyone else alike.
    """

    chart: Breakdown
    headline: str
    bars: tuple[Bar, ...]
    few: frozenset[Bar]

    def table(self) -> list[dict[str, object]]:
        return [_row(self.chart, bar) | {"Too few to tell": bar in self.few} for bar in self.bars]


@dataclass(frozen=True, slots=True)
class People:
    """What the tab shows of the members; `own` are the attributes that the segment asks for."""

    apart: tuple[Finding, ...]
    cards: tuple[Card, ...]
    own: tuple[str, ...]

    @property
    def strongest(self) -> tuple[Finding, ...]:
        return self.apart[:MOST_FINDINGS]

    def table(self) -> list[dict[str, object]]:
        return [
            {"Attribute": one.chart.attribute.name, **_row(one.chart, one.bar), "p": one.p}
            for one in self.apart
        ]


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """What sets the members apart from everyone, and who they are by each attribute."""
    if not size.total:
        st.caption("Nobody matches, so there is nobody to chart. Loosen a condition to see who comes in.")
        return
    people = failing(
        "people",
        lambda: ask_once(
            mart,
            segment,
            "people",
            lambda stop: _people(segment, mart.breakdowns(segment, stop)),
            _HEIGHT,
        ),
    )
    if people is None:
        return
    if not people.cards:
        st.caption("No attribute of this data can be charted: there is none, or each value is a user's own.")
        return
    _apart(people, segment, mart, size)
    for start in range(0, len(people.cards), _A_ROW):
        columns = st.columns(_A_ROW)
        for column, card in zip(columns, people.cards[start : start + _A_ROW], strict=False):
            with column:
                _attribute(card, segment, mart)


def _people(segment: Segment, breakdowns: Sequence[Breakdown]) -> People:
    # An attribute in a condition sets the members apart by itself: that is no news.
    filtered = fields_filtered(segment)
    news = [chart for chart in breakdowns if chart.attribute.name not in filtered]
    apart = tuple(findings(news))
    strengths: dict[str, float] = {}
    for one in apart:
        strengths.setdefault(one.chart.attribute.name, one.index.strength)

    def place(chart: Breakdown) -> tuple[bool, bool, float]:
        name = chart.attribute.name
        return name in filtered, name not in strengths, -strengths.get(name, 0.0)

    own = tuple(chart.attribute.name for chart in breakdowns if chart.attribute.name in filtered)
    return People(apart, tuple(_card(chart, apart, own) for chart in sorted(breakdowns, key=place)), own)


def _card(chart: Breakdown, apart: Sequence[Finding], own: Sequence[str]) -> Card:
    first = comparison.bars_in_chart(chart)
    bars = (*first, *(bar for bar in chart.bars if bar not in first))
    if chart.attribute.name in own:
        return Card(chart, "A condition of the segment.", bars, frozenset())
    findings = {one.bar for one in apart if one.chart is chart}
    few = frozenset(bar for bar in bars if bar not in findings and chart.fourfold(bar).is_few)
    return Card(chart, comparison.headline(chart, apart), bars, few)


def _row(chart: Breakdown, bar: Bar) -> dict[str, object]:
    """The figures of a bar, as docs/figures.md explains them."""
    counts = chart.fourfold(bar)
    members, rest = chart.shares(bar)
    index, to_rest = chart.index(bar), Index.to_rest(*counts)
    return {
        "Value": comparison.label(chart, bar),
        **apartness.factors(to_rest),
        "Members": bar.members,
        "Members %": formatting.figure(100 * members, 2),
        "Expected members": round(counts.expected, 1),
        "Everyone else": counts.rest_having,
        "Everyone else %": formatting.figure(100 * rest, 2),
        "Everyone": bar.everyone,
        "Everyone %": formatting.figure(100 * counts.everyone_having / counts.everyone, 2)
        if counts.everyone
        else 0.0,
        "Index": index and round(index.value),
        "from": index and round(index.low),
        "to": index and round(index.high),
    }


def _apart(people: People, segment: Segment, mart: Mart, size: Size) -> None:
    title = "What sets them apart"
    left_out = apartness.left_out(", ".join(f"`{name.replace('`', ' ')}`" for name in people.own))
    if not people.apart:
        with st.container(border=True, key="card-apart"):
            st.markdown(f"**{title}**")
            st.caption(f"{_why_nothing(people, size)}{left_out}")
        return
    strongest, more = people.strongest, ""
    if len(strongest) < len(people.apart):
        more = f" The strongest {len(strongest)} of {len(people.apart)}; the table has all."
    cards.show(
        title,
        "Dots show how many times as common a value is among the members as among everyone else; "
        f"{apartness.SCALE}. Each attribute is compared by itself. Only differences that are hardly chance "
        "are listed: at most about 1 in 20 of them still is. "
        f"Click a dot to add it as a condition.{more}{left_out}",
        figure(mart, segment, "apart", lambda: comparison.forest(strongest)),
        people.table,
        key="apart",
        on_select=lambda place: _add(people.apart[place].chart, people.apart[place].bar, segment.zone),
    )


def _why_nothing(people: People, size: Size) -> str:
    if size.total == size.table.everyone:
        return "Everyone matches, so nothing can set them apart. Add a condition to see who it picks."
    if len(people.own) == len(people.cards):
        return "Every attribute is a condition of the segment, so there is nothing else to compare."
    return apartness.nothing(size.total, size.table.everyone)


def _attribute(card: Card, segment: Segment, mart: Mart) -> None:
    chart = card.chart
    words = readable_name(chart.attribute.name)
    key = f"people-{chart.attribute.name}"
    cards.show(
        words[:1].upper() + words[1:],
        f"{formatting.markdown(card.headline)} {_omissions(chart)}",
        figure(mart, segment, key, lambda: comparison.breakdown(chart, card.few)),
        card.table,
        key=key,
        on_select=lambda place: _add(chart, card.bars[place], segment.zone),
    )


def _omissions(chart: Breakdown) -> str:
    """What of the attribute the figure leaves out, in words."""
    bars = len(comparison.bars_in_chart(chart))
    unknown = [bar for bar in chart.bars if bar.value is None]
    values = len(chart.bars) - len(unknown)
    words = [f"{bars} of {values} values shown."] if bars < values else []
    for bar in unknown:
        members, rest = chart.shares(bar)
        others = f", {percent(rest)} of everyone else" if chart.fourfold(bar).rest else ""
        words.append(f"No value, so not counted: {percent(members)} of the members{others}.")
    return " ".join(words)


def _add(chart: Breakdown, bar: Bar, zone: ZoneInfo) -> None:
    """Add a value, band or month to the segment as a condition."""
    draft = state.draft()
    state.commit(with_conditions(draft, conditions(chart, bar, zone)))
    name = formatting.markdown(f"{readable_name(chart.attribute.name)}: {comparison.label(chart, bar)}")
    st.toast(f"Added **{name}**{_role(draft)}", icon=":material/add:")


def _role(draft: Draft) -> str:
    """What the condition does to the segment, unless it narrows it."""
    if draft.root.negate:
        return " to what is excluded"
    beside = {"OR": " as another “or”", "AT_LEAST": " as one more that may hold"}
    return beside.get(draft.root.logic_operator, "") if draft.root.children else ""


def with_conditions(draft: Draft, conditions: Sequence[JsonObject]) -> Draft:
    """The draft with these conditions added to its root, joined by AND."""
    group = ROOT
    if len(conditions) > 1 and draft.root.logic_operator != "AND":
        draft = edit.add(draft, ROOT, "groups")
        group = draft.root.children[-1].id
    for condition in conditions:
        draft = edit.add(draft, group, "user_filters", condition)
    return draft


def conditions(chart: Breakdown, bar: Bar, zone: ZoneInfo = UTC) -> list[JsonObject]:
    """The conditions that hold for exactly the users of a bar; a band of fractions takes two.

    `zone` is that of the segment to which they are added.
    """
    condition = partial(_condition, chart.attribute.name)
    if chart.attribute.kind.element and bar.value is not None:
        return [condition(chart.attribute.kind.operator, (bar.value,))]
    match bar.value, chart.width:
        case None, _:
            return [{"field": chart.attribute.name, "operator": "is_null"}]
        case bool(), _:
            return [condition("eq", bar.value)]
        case Decimal() as low, int() as width if chart.attribute.whole:
            first, last = int(low), int(low) + width - 1
            return [condition("between", (max(first, -MAX_WHOLE), min(last, MAX_WHOLE)))]
        case Decimal() as low, width:
            return [condition("gte", low), condition("lt", low + (width or 0))]
        case date() as begins, width:
            ends = _last_day(begins, int(width or 1))
            if chart.attribute.kind.has_time and zone != UTC:
                # Bars are months in UTC; a bare date would be a day of the segment's zone.
                return [condition("between", (f"{begins}T00:00:00Z", f"{ends}T23:59:59.999999Z"))]
            return [condition("between", (begins.isoformat(), ends.isoformat()))]
        case _:
            return [condition("in", (bar.value,))]


def _condition(field: str, operator: str, value: object) -> JsonObject:
    return {"field": field, "operator": operator, "value": value}


def _last_day(first: date, months: int) -> date:
    month = first.month - 1 + months
    if first.year + month // 12 > date.max.year:
        return date.max
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
