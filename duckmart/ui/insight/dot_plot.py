"""Indices against everyone else as dots with their intervals, and how one is written: `2.3× (2.1×–2.5×)`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log10

import plotly.graph_objects as go

from duckmart.insight.findings import Index
from duckmart.ui.widgets.charts import GOLD, GREY, TEAL, framed


@dataclass(frozen=True, slots=True)
class Dot:
    """An index with its interval; `name` and `hover` are already fit for a chart."""

    index: Index
    name: str
    hover: str
    opacity: float = 1.0


def figure(rows: Sequence[Dot], height: int) -> go.Figure:
    """Draw a dot per row on a logarithmic scale of indices, its interval as a line, and a gold line at 1×."""
    lowest, highest = _ends([row.index for row in rows])
    figure = go.Figure(_dots(rows, lowest, highest))
    figure.add_vline(x=100, line={"color": GOLD, "width": 2})
    ticks = _ticks(lowest, highest)
    figure.update_xaxes(
        type="log",
        range=[log10(lowest), log10(highest)],
        tickvals=ticks,
        ticktext=[f"{tick / 100:,g}×" for tick in ticks],
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[row.name for row in rows],
        # Room for a few rows at least, so that a single dot is not lost in the middle.
        range=[max(len(rows), 4) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return framed(figure, height)


def _dots(rows: Sequence[Dot], lowest: float, highest: float) -> go.Scatter:
    values = [min(max(row.index.value, lowest), highest) for row in rows]
    ends = [(max(row.index.low, lowest), min(row.index.high, highest)) for row in rows]
    return go.Scatter(
        x=values,
        y=list(range(len(rows))),
        mode="markers",
        marker={
            "size": 11,
            "color": [TEAL if row.index.value > 100 else GREY for row in rows],
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
        # A click on a point acts at once, so Plotly must not fade the others as unselected.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=[row.hover for row in rows],
        hoverinfo="text",
    )


def _ends(indices: Sequence[Index]) -> tuple[float, float]:
    """The ends of the scale: it holds 100 and every dot, and cuts only intervals that reach far beyond.

    A dot at nothing or at infinity stands at the scale's end.
    """
    values = [index.value for index in indices if 0 < index.value < inf]
    # An index of 0 or infinity has no place on a log scale; the finite end of its interval has.
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
        (10, 20, 30, 50, 70),
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


def times(index: float) -> str:
    """An index as a factor: `2.3×`, more exact near 1."""
    if index == inf:
        return "∞"
    if index >= 995:
        return f"{index / 100:,.0f}×"
    return f"{index / 100:.3g}×" if 90 < index < 195 else f"{index / 100:.2g}×"


def factor(index: float) -> float | None:
    """An index as a factor for a table; None for an infinite one, where nobody else has the value."""
    return None if index == inf else round(index / 100, 3)


def interval(index: Index) -> str:
    """An index as a factor, and the ends of its interval: `2.3× (2.1×–2.5×)`."""
    return f"{times(index.value)} ({times(index.low)}–{times(index.high)})"
