"""Figures of a segment: how its conditions narrow it, and who its members are beside everyone."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from math import log10
from textwrap import wrap

import plotly.graph_objects as go

from duckmart.describe import spoken
from duckmart.metrics import Bar, Breakdown, Finding, Flags, Index, TruthTable, findings, holds
from duckmart.operators import Kind
from duckmart.segment import Segment
from duckmart.ui import plain

TEAL, GOLD, GREY = "#14948A", "#F2B705", "#A9B1AC"
# The condition that decides, and those that change nothing.
AMBER, PALE = "#D9822B", "#8CC7C1"
# More values than this in one chart cannot be read; the rest is said in words.
VALUES_SHOWN = 8
MONTHS_A_YEAR = 12
COMBINATIONS_SHOWN = 12
# A condition that does not hold: hardly there on any paper.
_HOLLOW = "rgba(128,140,134,0.22)"
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "responsive": True}


def waterfall(table: TruthTable, labels: Sequence[str]) -> go.Figure:
    """Everyone, then how many are left (or gathered) after each condition, the last being the segment."""
    counts = [table.everyone, *(table.waterfall or ())]
    names = ["All users", *labels]
    if table.segment.negate:
        counts.append(table.everyone - counts[-1])
        names.append("everyone else")
    if table.sampled is not None:
        counts.append(table.total)
        names.append("in the sample")
    shares = [count / table.everyone if table.everyone else 0 for count in counts]
    colors = [GREY] + [TEAL] * (len(counts) - 1)
    for child in table.idle:
        colors[child + 1] = PALE
    if table.decisive is not None:
        colors[table.decisive + 1] = AMBER
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=list(range(len(counts))),
            orientation="h",
            marker_color=colors,
            text=[f"{count:,} · {percent(share)}" for count, share in zip(counts, shares, strict=True)],
            # Plotly leaves a bar without length unlabelled unless its label is outside.
            textposition=["auto" if count else "outside" for count in counts],
            hovertext=[
                f"{_lines(name)}<br>{count:,} users" for name, count in zip(names, counts, strict=True)
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    # Positions are numbers: equal labels would stack into one bar.
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[cut(name, 30) for name in names], autorange="reversed"
    )
    figure.update_xaxes(visible=False, range=[0, max([*counts, 1]) * 1.02])
    return framed(figure, height=60 + 42 * len(counts))


def overlap(table: TruthTable, labels: Sequence[str]) -> go.Figure:
    """Bars of the users for whom the same conditions hold, and below each bar dots that say which (UpSet)."""
    combined = sorted((table.combinations or {}).items(), key=lambda pair: -pair[1])[:COMBINATIONS_SHOWN]
    places = list(range(len(combined)))
    colors = [TEAL if is_in(table.segment, flags) else GREY for flags, _ in combined]
    hover = [_combination(table, flags, users, labels) for flags, users in combined]
    figure = go.Figure(
        go.Bar(
            x=places,
            y=[users for _, users in combined],
            marker_color=colors,
            text=[f"{users:,}" for _, users in combined],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertext=hover,
            hoverinfo="text",
        )
    )
    children = range(len(labels))
    dots = [(place, child, flags[child]) for place, (flags, _) in enumerate(combined) for child in children]
    for place, (flags, _) in enumerate(combined):
        held = [child for child in children if flags[child]]
        figure.add_scatter(
            x=[place, place],
            y=[min(held, default=0), max(held, default=0)],
            yaxis="y2",
            mode="lines",
            line={"color": colors[place], "width": 3},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[place for place, _, _ in dots],
        y=[child for _, child, _ in dots],
        yaxis="y2",
        mode="markers",
        marker={
            "size": 11,
            "color": [colors[place] if held else _HOLLOW for place, _, held in dots],
        },
        hovertext=[hover[place] for place, _, _ in dots],
        hoverinfo="text",
    )
    matrix = 30 * len(labels)
    height = 210 + matrix
    figure.update_layout(
        yaxis={"domain": [(matrix + 12) / height, 1], "visible": False},
        yaxis2={
            "domain": [0, matrix / height],
            "tickvals": list(children),
            "ticktext": [cut(label, 30) for label in labels],
            "range": [len(labels) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
    )
    # Room for a few columns at least, so that two are not two blocks.
    figure.update_xaxes(visible=False, range=[-0.6, max(len(combined), 6) - 0.4])
    framed(figure, height)
    # On a phone all numbers shrink alike.
    figure.update_layout(margin={"t": 26}, uniformtext={"mode": "show", "minsize": 8})
    return figure


def is_in(segment: Segment, flags: Flags) -> bool:
    """Whether users for whom these of the root's children hold are in the segment, whatever its sample."""
    return holds(segment, flags) != segment.negate


def _combination(table: TruthTable, flags: Flags, users: int, labels: Sequence[str]) -> str:
    held = [f"✓ {_lines(label)}" for label, flag in zip(labels, flags, strict=True) if flag]
    share = users / table.everyone if table.everyone else 0
    where = "in the segment" if is_in(table.segment, flags) else "not in the segment"
    return "<br>".join([f"{users:,} users · {percent(share)} · {where}", *(held or ["none of them holds"])])


def near(labels: Sequence[str], added: Sequence[int]) -> go.Figure:
    """A bar per condition: how many users it alone keeps out."""
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            x=list(added),
            y=places,
            orientation="h",
            marker_color=[AMBER, *[GREY] * len(labels)][: len(labels)],
            text=[f"{users:,}" for users in added],
            textposition=["auto" if users else "outside" for users in added],
            hovertext=[
                f"{users:,} users fail only<br>{_lines(label)}"
                for label, users in zip(labels, added, strict=True)
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[cut(label, 30) for label in labels],
        range=[max(len(labels), 4) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_xaxes(visible=False, range=[0, max([*added, 1]) * 1.1])
    return framed(figure, height=210 + 30 * len(labels))


def breakdown(chart: Breakdown) -> go.Figure:
    """Bars of the members' share per value or band, with everyone's share marked beside."""
    return _values(chart) if chart.attribute.kind in (Kind.TEXT, Kind.BOOLEAN) else _bands(chart)


def shown(chart: Breakdown) -> tuple[Bar, ...]:
    """The bars that a chart has room for: of many values, those most frequent among the members."""
    if chart.attribute.kind not in (Kind.TEXT, Kind.BOOLEAN):
        return tuple(bar for bar in chart.bars if bar.value is not None)
    if len(chart.bars) <= VALUES_SHOWN:
        return chart.bars
    present = (bar for bar in chart.bars if bar.members)
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


def headline(chart: Breakdown) -> str:
    """What stands out: of the values and bands that set the members apart, the strongest."""
    found = findings([chart])
    if not found:
        return "Much like everyone."
    if found[0].bar.is_few:
        return "Too few members to tell them apart from everyone."
    return f"{label(chart, found[0].bar)}: {times(found[0].index)} as common as among everyone."


def times(index: Index) -> str:
    """An index in words: `2.3×`."""
    return f"{index.value / 100:.2g}×" if index.value < 995 else f"{index.value / 100:,.0f}×"


def forest(found: Sequence[Finding]) -> go.Figure:
    """A dot per finding on a scale of indices, its interval as a line; pale where too few members have it."""
    places = list(range(len(found)))
    lowest, highest = _reach(found)
    values = [min(max(one.index.value, lowest), highest) for one in found]
    ends = [(max(one.index.low, lowest), min(one.index.high, highest)) for one in found]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=places,
            mode="markers",
            marker={
                "size": 11,
                "color": [TEAL if one.index.value > 100 else GREY for one in found],
                "symbol": ["circle-open" if one.bar.is_few else "circle" for one in found],
                "opacity": 1,
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
            hovertext=[_told(one) for one in found],
            hoverinfo="text",
        )
    )
    figure.add_vline(x=100, line={"color": GOLD, "width": 2})
    figure.update_xaxes(
        type="log",
        range=[log10(lowest), log10(highest)],
        tickvals=[tick for tick in _TICKS if lowest <= tick <= highest],
        ticktext=[f"{tick:,g}" for tick in _TICKS if lowest <= tick <= highest],
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[cut(f"{named(one)}{' *' if one.bar.is_few else ''}", 34) for one in found],
        range=[max(len(found), 4) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return framed(figure, forest_height(len(found)))


def forest_height(findings_shown: int) -> int:
    return 60 + 27 * max(findings_shown, 4)


def named(one: Finding) -> str:
    """A finding as a label: `location: California`."""
    return f"{spoken(one.chart.attribute.name)}: {label(one.chart, one.bar)}"


def _reach(found: Sequence[Finding]) -> tuple[float, float]:
    """The ends of the scale: it holds 100 and every dot, and cuts only intervals that reach far beyond."""
    values = [one.index.value for one in found if one.index.value]
    lowest, highest = min([80.0, *values]), max([125.0, *values])
    lows = [one.index.low for one in found if one.index.low]
    lowest = max(min([lowest, *lows]), lowest / 2)
    highest = min(max([highest, *(one.index.high for one in found)]), highest * 2)
    if any(not one.index.value for one in found):
        lowest = min(lowest, 25.0)
    return lowest / 1.15, highest * 1.15


_TICKS = tuple(digit * 10**power / 2 for power in range(8) for digit in (1, 2, 4, 10))[:-1]


def _told(one: Finding) -> str:
    members, everyone = one.chart.shares(one.bar)
    few = "<br>too few members to tell" if one.bar.is_few else ""
    return (
        f"{plain.chart(named(one))}<br>index {interval(one.index)}"
        f"<br>segment {percent(members)} ({one.bar.members:,}) · everyone {percent(everyone)}"
        f" ({one.bar.everyone:,}){few}"
    )


def interval(index: Index) -> str:
    """An index and the ends of its interval: `231 (210–254)`."""
    return f"{index.value:,.0f} ({index.low:,.0f}–{index.high:,.0f})"


def _values(chart: Breakdown) -> go.Figure:
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
        customdata=_hover(chart, bars),
        hovertemplate=_HOVER,
    )
    figure.add_scatter(
        name="everyone",
        x=[everyone for _, everyone in shares],
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


def _bands(chart: Breakdown) -> go.Figure:
    bars = shown(chart)
    places = list(range(len(bars)))
    shares = [chart.shares(bar) for bar in bars]
    figure = go.Figure()
    figure.add_bar(
        name="segment",
        x=places,
        y=[members for members, _ in shares],
        marker_color=TEAL,
        customdata=_hover(chart, bars),
        hovertemplate=_HOVER,
    )
    figure.add_scatter(
        name="everyone",
        x=places,
        y=[everyone for _, everyone in shares],
        mode="lines",
        line={"shape": "hvh", "color": GOLD, "width": 2.5},
        hoverinfo="skip",
    )
    step = max(1, len(bars) // 6)
    figure.update_xaxes(
        tickvals=places[::step],
        ticktext=[plain.chart(label(chart, bar)) for bar in bars[::step]],
        showgrid=False,
    )
    figure.update_yaxes(tickformat=".0%", nticks=4, rangemode="tozero")
    return framed(figure, height=270)


_HOVER = (
    "%{customdata[0]}<br>segment %{customdata[1]} · everyone %{customdata[2]}"
    "<br>index %{customdata[3]}<extra></extra>"
)


def _hover(chart: Breakdown, bars: Sequence[Bar]) -> list[list[str]]:
    rows = []
    for bar in bars:
        members, everyone = chart.shares(bar)
        index = chart.index(bar)
        few = " · too few to tell" if bar.is_few else ""
        index_shown = "–" if index is None else f"{interval(index)}{few}"
        rows.append(
            [
                plain.chart(label(chart, bar)),
                f"{percent(members)} ({bar.members:,})",
                f"{percent(everyone)} ({bar.everyone:,})",
                index_shown,
            ]
        )
    return rows


def framed(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.28,
        showlegend=False,
        dragmode=False,
        plot_bgcolor="rgba(0,0,0,0)",
        paper_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def _lines(text: str) -> str:
    """A long line broken into several, for a hover box that would else reach beyond the page."""
    return "<br>".join(plain.chart(line) for line in wrap(text, 60)[:12])


def cut(text: str, most: int) -> str:
    """A label for an axis, without its end where it is long."""
    return plain.chart(text if len(text) <= most else text[: most - 1] + "…")
