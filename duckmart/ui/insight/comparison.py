"""Figures of who the members are: each attribute beside everyone else, and what sets them apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf, log10

import plotly.graph_objects as go

from duckmart.insight.findings import Bar, Breakdown, Finding, Index
from duckmart.spec.kinds import Bars
from duckmart.spec.words import spoken
from duckmart.ui import formatting
from duckmart.ui.widgets.charts import GOLD, GREY, TEAL, cut, framed, percent

# More values than this in one chart cannot be read; the rest is said in words.
VALUES_SHOWN = 8
MONTHS_A_YEAR = 12


def breakdown(chart: Breakdown, few: Collection[Bar] = ()) -> go.Figure:
    """Bars of the members' share per value or band, with the share of everyone else marked beside.

    `few` are the bars of which it cannot be told whether the two shares differ.
    """
    draw = _values if chart.attribute.kind.bars is Bars.VALUES else _bands
    return draw(chart, few)


def shown(chart: Breakdown) -> tuple[Bar, ...]:
    """The bars that a chart has room for: of many values, those most frequent among the members.

    Bars are shares of those who have a value, so "no value" is none of them.
    """
    known = tuple(bar for bar in chart.bars if bar.value is not None)
    if chart.attribute.kind.bars is not Bars.VALUES or len(known) <= VALUES_SHOWN:
        return known
    present = (bar for bar in known if bar.members)
    return tuple(sorted(present, key=lambda bar: -bar.members)[:VALUES_SHOWN])


def label(chart: Breakdown, bar: Bar) -> str:
    """A bar's name: the value, the band `25–29`, or the month."""
    match bar.value:
        case None:
            return "no value"
        case bool():
            return "yes" if bar.value else "no"
        case Decimal() if chart.attribute.whole and isinstance(chart.width, int) and chart.width > 1:
            return f"{bar.value:.0f}–{bar.value + chart.width - 1:.0f}"
        case Decimal():
            return f"{bar.value.normalize():f}"
        case date():
            return f"{bar.value:%Y}" if chart.width == MONTHS_A_YEAR else f"{bar.value:%b %Y}"
        case _:
            return str(bar.value)


def headline(chart: Breakdown, apart: Sequence[Finding]) -> str:
    """The strongest finding in this attribute in words; empty where the members are everyone."""
    strongest = next((one for one in apart if one.chart is chart), None)
    if strongest is not None:
        return f"{label(chart, strongest.bar)}: {_how_common(strongest)}."
    counts = [chart.fourfold(bar) for bar in chart.bars]
    if counts and not counts[-1].rest:
        return ""
    if all(count.is_few for count in counts):
        return "Too few to tell the members from everyone else."
    return "Much like everyone else."


def _how_common(one: Finding) -> str:
    members, rest = one.chart.shares(one.bar)
    if not members:
        return f"none of the members, {percent(rest)} of everyone else"
    if not rest:
        return f"{percent(members)} of the members, nobody else"
    return f"{times(one.index.value)} as common as among everyone else"


def times(index: float) -> str:
    """An index as a factor: `2.3×`, more exact near 1."""
    if index == inf:
        return "∞"
    if index >= 995:
        return f"{index / 100:,.0f}×"
    return f"{index / 100:.3g}×" if 90 < index < 195 else f"{index / 100:.2g}×"


def forest(found: Sequence[Finding]) -> go.Figure:
    """A dot per finding on a scale of indices against everyone else, its interval as a line."""
    return dots(
        [
            Dot(one.index, cut(named(one), 34), _told(one), TEAL if one.index.value > 100 else GREY)
            for one in found
        ],
        forest_height(len(found)),
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """An index with its interval; `name` and `hover` are already fit for a chart."""

    index: Index
    name: str
    hover: str
    color: str
    opacity: float = 1.0


def dots(rows: Sequence[Dot], height: int) -> go.Figure:
    """A dot per row on a scale of indices against everyone else, its interval as a line."""
    places = list(range(len(rows)))
    lowest, highest = _reach([row.index for row in rows])
    values = [min(max(row.index.value, lowest), highest) for row in rows]
    ends = [(max(row.index.low, lowest), min(row.index.high, highest)) for row in rows]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=places,
            mode="markers",
            marker={
                "size": 11,
                "color": [row.color for row in rows],
                "opacity": [row.opacity for row in rows],
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [max(high - value, 0) for value, (_, high) in zip(values, ends, strict=True)],
                "arrayminus": [max(value - low, 0) for value, (low, _) in zip(values, ends, strict=True)],
                "color": GREY,
                "thickness": 2,
                "width": 0,
            },
            # A clicked point is taken at once: the others are not to fade beside it.
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertext=[row.hover for row in rows],
            hoverinfo="text",
        )
    )
    figure.add_vline(x=100, line={"color": GOLD, "width": 2})
    _scale(figure, lowest, highest)
    figure.update_yaxes(
        tickvals=places,
        ticktext=[row.name for row in rows],
        range=[max(len(rows), 4) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return framed(figure, height)


def _scale(figure: go.Figure, lowest: float, highest: float) -> None:
    ticks = _ticks(lowest, highest)
    figure.update_xaxes(
        type="log",
        range=[log10(lowest), log10(highest)],
        tickvals=ticks,
        ticktext=[f"{tick / 100:,g}×" for tick in ticks],
        zeroline=False,
    )


def forest_height(findings_shown: int) -> int:
    return 60 + 27 * max(findings_shown, 4)


def named(one: Finding) -> str:
    """A finding as a label: `location: California`."""
    return f"{spoken(one.chart.attribute.name)}: {label(one.chart, one.bar)}"


def _reach(indices: Sequence[Index]) -> tuple[float, float]:
    """The ends of the scale: it holds 100 and every dot, and cuts only intervals that reach far beyond.

    A dot at nothing or at infinity stands at the scale's end.
    """
    values = [index.value for index in indices if 0 < index.value < inf]
    # Of what has no finite index, the interval has one end that is known.
    values += [index.high / 2 for index in indices if not index.value]
    values += [index.low * 2 for index in indices if index.value == inf]
    lowest, highest = min([80.0, *values]), max([125.0, *values])
    lows = [index.low for index in indices if index.low]
    lowest = max(min([lowest, *lows]), lowest / 2)
    highest = min(max([highest, *(index.high for index in indices)]), highest * 2)
    return lowest / 1.15, highest * 1.15


def _ticks(lowest: float, highest: float) -> list[float]:
    """Round factors on the scale; 1, 2, 5 and so on, and those between where these are too few."""
    ticks: list[float] = []
    for digits in (
        (10, 20, 50),
        (10, 12, 15, 20, 30, 50, 70, 80),
        (10, 11, 12, 13, 14, 15, 70, 75, 80, 85, 90, 95),
    ):
        ticks = [
            tick
            for power in range(-3, 9)
            for digit in digits
            if lowest <= (tick := digit * 10.0**power) <= highest
        ]
        if len(ticks) > 2:
            break
    return ticks


def _told(one: Finding) -> str:
    return "<br>".join((formatting.chart(named(one)), *_compared(one.chart, one.bar)))


def _compared(chart: Breakdown, bar: Bar) -> list[str]:
    """The shares of members, of everyone else and of everyone, and how they compare, line by line."""
    counts = chart.fourfold(bar)
    members, rest = chart.shares(bar)
    everyone = counts.everyone_having / counts.everyone if counts.everyone else 0.0
    to_rest, index = Index.to_rest(*counts), chart.index(bar)
    others = f" · everyone else {percent(rest)} ({counts.rest_having:,})" if counts.rest else ""
    return [
        f"segment {percent(members)} ({counts.having:,}){others}"
        f" · everyone {percent(everyone)} ({counts.everyone_having:,})",
        *([f"{interval(to_rest)} as common as among everyone else"] if to_rest else []),
        *(
            [f"index {index.value:,.0f} ({index.low:,.0f}–{index.high:,.0f}) against everyone"]
            if index
            else []
        ),
    ]


def factor(index: float) -> float | None:
    """An index as a factor for a table; None for an infinite one, where nobody else has the value."""
    return None if index == inf else round(index / 100, 3)


def interval(index: Index) -> str:
    """An index as a factor, and the ends of its interval: `2.3× (2.1×–2.5×)`."""
    return f"{times(index.value)} ({times(index.low)}–{times(index.high)})"


def _values(chart: Breakdown, few: Collection[Bar]) -> go.Figure:
    bars = shown(chart)
    places = list(range(len(bars)))
    shares = [chart.shares(bar) for bar in bars]
    figure = go.Figure()
    figure.add_bar(
        name="segment",
        x=[members for members, _ in shares],
        y=places,
        orientation="h",
        marker_color=TEAL,
        customdata=_hover(chart, bars, few),
        hovertemplate=_HOVER,
    )
    figure.add_scatter(
        name="everyone else",
        visible=_has_rest(chart),
        x=[rest for _, rest in shares],
        y=places,
        mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": GOLD}},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[max(pair) for pair in shares],
        y=places,
        mode="text",
        text=[f"  {percent(members)}" for members, _ in shares],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    # Room for a few bars at least, so that a single one is not a block.
    figure.update_yaxes(
        tickvals=places,
        ticktext=[cut(label(chart, bar), 18) for bar in bars],
        range=[max(len(bars), 4) - 0.5, -0.5],
    )
    figure.update_xaxes(visible=False, range=[0, max((max(pair) for pair in shares), default=1) * 1.25 or 1])
    return framed(figure, height=270)


def _bands(chart: Breakdown, few: Collection[Bar]) -> go.Figure:
    bars = shown(chart)
    places = list(range(len(bars)))
    shares = [chart.shares(bar) for bar in bars]
    figure = go.Figure()
    figure.add_bar(
        name="segment",
        x=places,
        y=[members for members, _ in shares],
        marker_color=TEAL,
        customdata=_hover(chart, bars, few),
        hovertemplate=_HOVER,
    )
    figure.add_scatter(
        name="everyone else",
        visible=_has_rest(chart),
        x=places,
        y=[rest for _, rest in shares],
        mode="lines",
        line={"shape": "hvh", "color": GOLD, "width": 2.5},
        hoverinfo="skip",
    )
    step = max(1, len(bars) // 6)
    figure.update_xaxes(
        tickvals=places[::step],
        ticktext=[formatting.chart(label(chart, bar)) for bar in bars[::step]],
        showgrid=False,
    )
    figure.update_yaxes(tickformat=".0%", nticks=4, rangemode="tozero")
    return framed(figure, height=270)


def _has_rest(chart: Breakdown) -> bool:
    return any(chart.fourfold(bar).rest for bar in chart.bars[:1])


_HOVER = "%{customdata}<extra></extra>"


def _hover(chart: Breakdown, bars: Sequence[Bar], few: Collection[Bar]) -> list[str]:
    return [
        "<br>".join(
            (
                formatting.chart(label(chart, bar)),
                *_compared(chart, bar),
                *(["too few to tell alike from unlike"] if bar in few else []),
            )
        )
        for bar in bars
    ]
