"""Figures of a segment: how its conditions narrow it, and who its members are beside everyone."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go

from duckmart.metrics import Bar, Breakdown, TruthTable
from duckmart.operators import Kind
from duckmart.ui import plain

TEAL, GOLD, GREY = "#14948A", "#F2B705", "#A9B1AC"
# More values than this in one chart cannot be read; the rest is said in words.
VALUES_SHOWN = 8
MONTHS_A_YEAR = 12
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
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=list(range(len(counts))),
            orientation="h",
            marker_color=[GREY] + [TEAL] * (len(counts) - 1),
            text=[f"{count:,} · {percent(share)}" for count, share in zip(counts, shares, strict=True)],
            # Plotly leaves a bar without length unlabelled unless its label is outside.
            textposition=["auto" if count else "outside" for count in counts],
            hovertext=[plain.chart(name) for name in names],
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
    """What stands out: the value most over-represented among the members, if one does."""
    likely = [
        (index, bar) for bar in shown(chart) if bar.members >= 30 and (index := chart.index(bar)) is not None
    ]
    if not likely:
        return "Too few members to tell them apart from everyone"
    index, bar = max(likely, key=lambda pair: pair[0])
    if index < 105:
        return "Much like everyone"
    return f"{label(chart, bar)}: {index / 100:.1f}× as common as among everyone"


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
        index_shown = "–" if index is None else f"{index:.0f}"
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


def cut(text: str, most: int) -> str:
    return plain.chart(text if len(text) <= most else text[: most - 1] + "…")
