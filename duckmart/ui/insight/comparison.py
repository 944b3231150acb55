"""Figures of who the members are: each attribute beside everyone else, and what sets them apart."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import plotly.graph_objects as go

from duckmart.insight.findings import Bar, Breakdown, Finding, Index
from duckmart.spec.kinds import Bars
from duckmart.spec.words import readable_name
from duckmart.ui import formatting
from duckmart.ui.insight import apartness, dot_plot
from duckmart.ui.widgets.charts import GOLD, TEAL, framed, percent, truncate

# More values than this in one chart cannot be read; the rest is said in words.
VALUES_SHOWN = 8
MONTHS_A_YEAR = 12

Orientation = Literal["h", "v"]


def breakdown(chart: Breakdown, few: Collection[Bar] = ()) -> go.Figure:
    """Bars of the members' share per value or band, with the share of everyone else marked beside.

    `few` are the bars with too few users to call the two shares alike.
    """
    draw = _rows if chart.attribute.kind.bars is Bars.VALUES else _columns
    return framed(draw(chart, few), height=270)


def bars_in_chart(chart: Breakdown) -> tuple[Bar, ...]:
    """The bars that a chart has room for: of many values, those most frequent among the members.

    Bars are shares of the users with a value, so "no value" has no bar.
    """
    values = tuple(bar for bar in chart.bars if bar.value is not None)
    if chart.attribute.kind.bars is not Bars.VALUES or len(values) <= VALUES_SHOWN:
        return values
    present = (bar for bar in values if bar.members)
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
    return f"{dot_plot.times(one.index.value)} as common as among everyone else"


def forest(findings: Sequence[Finding]) -> go.Figure:
    """A dot per finding on a scale of indices against everyone else, its interval as a line."""
    return dot_plot.figure(
        [
            dot_plot.Dot(
                one.index,
                truncate(title(one), 34),
                _finding_hover(one),
            )
            for one in findings
        ],
        forest_height(len(findings)),
    )


def forest_height(rows: int) -> int:
    return 60 + 27 * max(rows, 4)


def title(one: Finding) -> str:
    """A finding as a label: `location: California`."""
    return f"{readable_name(one.chart.attribute.name)}: {label(one.chart, one.bar)}"


def _finding_hover(one: Finding) -> str:
    return "<br>".join((formatting.chart(title(one)), *_shares(one.chart, one.bar)))


def _shares(chart: Breakdown, bar: Bar) -> list[str]:
    """The shares of members, of everyone else and of everyone, and how they compare, line by line."""
    counts = chart.fourfold(bar)
    members, rest = chart.shares(bar)
    everyone = counts.everyone_having / counts.everyone if counts.everyone else 0.0
    to_rest, index = Index.to_rest(*counts), chart.index(bar)
    others = f" · everyone else {percent(rest)} ({counts.rest_having:,})" if counts.rest else ""
    return [
        f"segment {percent(members)} ({counts.having:,}){others}"
        f" · everyone {percent(everyone)} ({counts.everyone_having:,})",
        *([f"{dot_plot.interval(to_rest)} as common as among everyone else"] if to_rest else []),
        *(
            [f"index {index.value:,.0f} ({index.low:,.0f}–{index.high:,.0f}) against everyone"]
            if index
            else []
        ),
    ]


def _rows(chart: Breakdown, few: Collection[Bar]) -> go.Figure:
    """A row per value, with the share of everyone else as a tick across it."""
    bars = bars_in_chart(chart)
    places = list(range(len(bars)))
    shares = [chart.shares(bar) for bar in bars]
    figure = go.Figure([_segment(chart, few, "h"), _everyone_else(chart, "h")])
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
        ticktext=[truncate(label(chart, bar), 18) for bar in bars],
        range=[max(len(bars), 4) - 0.5, -0.5],
    )
    figure.update_xaxes(visible=False, range=[0, max((max(pair) for pair in shares), default=1) * 1.25 or 1])
    return figure


def _columns(chart: Breakdown, few: Collection[Bar]) -> go.Figure:
    """A column per band, with the shares of everyone else as a line of steps over them."""
    bars = bars_in_chart(chart)
    figure = go.Figure([_segment(chart, few, "v"), _everyone_else(chart, "v")])
    step = max(1, len(bars) // 6)
    figure.update_xaxes(
        tickvals=list(range(len(bars)))[::step],
        ticktext=[formatting.chart(label(chart, bar)) for bar in bars[::step]],
        showgrid=False,
    )
    figure.update_yaxes(tickformat=".0%", nticks=4, rangemode="tozero")
    return figure


def _segment(chart: Breakdown, few: Collection[Bar], orientation: Orientation) -> go.Bar:
    bars = bars_in_chart(chart)
    return go.Bar(
        name="segment",
        orientation=orientation,
        **_xy([chart.shares(bar)[0] for bar in bars], orientation),
        marker_color=TEAL,
        customdata=_hover(chart, bars, few),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _everyone_else(chart: Breakdown, orientation: Orientation) -> go.Scatter:
    tick = {"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": GOLD}}
    steps = {"shape": "hvh", "color": GOLD, "width": 2.5}
    return go.Scatter(
        name="everyone else",
        visible=any(chart.fourfold(bar).rest for bar in chart.bars[:1]),
        **_xy([chart.shares(bar)[1] for bar in bars_in_chart(chart)], orientation),
        **({"mode": "markers", "marker": tick} if orientation == "h" else {"mode": "lines", "line": steps}),
        hoverinfo="skip",
    )


def _xy(shares: Sequence[float], orientation: Orientation) -> dict[str, Sequence[float]]:
    """Shares along the orientation, and their places across it."""
    places = list(range(len(shares)))
    return {"x": shares, "y": places} if orientation == "h" else {"x": places, "y": shares}


def _hover(chart: Breakdown, bars: Sequence[Bar], few: Collection[Bar]) -> list[str]:
    return [
        "<br>".join(
            (
                formatting.chart(label(chart, bar)),
                *_shares(chart, bar),
                *([apartness.TOO_FEW] if bar in few else []),
            )
        )
        for bar in bars
    ]
