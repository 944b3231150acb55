"""Charts of one or two lines, whose points can be clicked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from duckmart.ui import formatting
from duckmart.ui.widgets.charts import GOLD, TEAL, framed

HEIGHT = 320
# With its title and words around the chart; what stands in for a card is as high.
CARD_HEIGHT = HEIGHT + 95
# More labels than this below a line run into each other.
_LABELS = 7
# Pixels of the current point, and of all others.
_LARGE, _SMALL = 13, 6
# Markers on more points than this would hide the line.
_POINTS = 30
# The part of the width left free on each side of the first and the last point.
_ROOM = 0.02
# Room above the highest value for its label and the button over the chart.
_HEADROOM = 1.15
# Below this a scale of whole numbers would get ticks at halves.
_FEW = 5
# Transparent, so that it suits the light theme and the dark one.
_SHADE = "rgba(242,183,5,0.18)"


@dataclass(frozen=True, slots=True)
class Line:
    """Values at the places of a chart; `hover` is what is told of each, already fit for a chart."""

    name: str
    values: Sequence[float]
    hover: Sequence[str]
    color: str = TEAL


def figure(
    places: Sequence[float], labels: Sequence[str], lines: Sequence[Line], current: int | None = None
) -> go.Figure:
    """Lines over places on a number line with a label each; the `current` point is the one that holds now."""
    figure = go.Figure([_trace(places, line, current) for line in lines])
    _label_places(figure, places, labels)
    _scale_values(figure, lines)
    framed(figure, HEIGHT)
    if len(lines) > 1:
        figure.update_layout(
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        )
    return figure


def _trace(places: Sequence[float], line: Line, current: int | None) -> go.Scatter:
    is_current = [place == current for place, _ in enumerate(places)]
    return go.Scatter(
        name=formatting.chart(line.name),
        x=list(places),
        y=list(line.values),
        mode="lines+markers" if len(places) <= _POINTS else "lines",
        line={"color": line.color, "width": 2.5},
        marker={
            "size": [_LARGE if now else _SMALL for now in is_current],
            "color": [GOLD if now else line.color for now in is_current],
            "opacity": 1,
        },
        # A click on a point acts at once, so Plotly must not fade the others as unselected.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=list(line.hover),
        hoverinfo="text",
        cliponaxis=False,
    )


def _label_places(figure: go.Figure, places: Sequence[float], labels: Sequence[str]) -> None:
    ticks = _tick_places(len(places))
    room = (places[-1] - places[0]) * _ROOM or 1
    figure.update_xaxes(
        tickvals=[places[place] for place in ticks],
        ticktext=[formatting.chart(labels[place]) for place in ticks],
        range=[places[0] - room, places[-1] + room],
        showgrid=False,
        zeroline=False,
    )


def _scale_values(figure: go.Figure, lines: Sequence[Line]) -> None:
    values = [number for line in lines for number in line.values]
    highest = max(values, default=0)
    figure.update_yaxes(range=[0, highest * _HEADROOM or 1], nticks=5, zeroline=False, tickformat=",.4~f")
    if highest < _FEW and all(isinstance(number, int) for number in values):
        figure.update_yaxes(dtick=1)  # there is no half user


def shade(figure: go.Figure, steps: Collection[int]) -> None:
    """Shades these places of a chart whose points are at 0, 1, 2, ...; neighbours as one."""
    starts = sorted(step for step in steps if step - 1 not in steps)
    ends = sorted(step for step in steps if step + 1 not in steps)
    for start, end in zip(starts, ends, strict=True):
        figure.add_vrect(
            x0=start - 0.5, x1=end + 0.5, fillcolor=_SHADE, line_width=0, layer="below", name="asked"
        )


def _tick_places(number: int) -> list[int]:
    """Which places have a label: the last, and others at even distances."""
    every = -(-number // _LABELS)
    return list(range(number - 1, -1, -every))[::-1]
