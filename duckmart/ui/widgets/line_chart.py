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
# How wide the line of a point in question is, and how small all others are.
_MARKED, _PLAIN = 13, 6
# Of more points than this each by itself is of no interest.
_POINTS = 30
# The part of the width that is left free on both sides, for the points there.
_ROOM = 0.02
# And above the highest, for its label and the button over the chart.
_HEADROOM = 1.15
_FEW = 5
# To be seen on light paper and on dark.
_SHADE = "rgba(242,183,5,0.18)"


@dataclass(frozen=True, slots=True)
class Line:
    """Values at the places of a chart; `hover` is what is told of each, already fit for a chart."""

    name: str
    values: Sequence[float]
    hover: Sequence[str]
    color: str = TEAL


def figure(
    places: Sequence[float], labels: Sequence[str], lines: Sequence[Line], marked: int | None = None
) -> go.Figure:
    """Lines over places on a number line with a label each; the `marked` point is the one that holds now."""
    made = go.Figure()
    for line in lines:
        sizes = [_MARKED if place == marked else _PLAIN for place, _ in enumerate(places)]
        made.add_scatter(
            name=formatting.chart(line.name),
            x=list(places),
            y=list(line.values),
            mode="lines+markers" if len(places) <= _POINTS else "lines",
            line={"color": line.color, "width": 2.5},
            marker={
                "size": sizes,
                "color": [GOLD if size == _MARKED else line.color for size in sizes],
                "opacity": 1,
            },
            # A clicked point is taken at once: the others are not to fade beside it.
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertext=list(line.hover),
            hoverinfo="text",
            cliponaxis=False,
        )
    shown = _labelled(len(places))
    made.update_xaxes(
        tickvals=[places[place] for place in shown],
        ticktext=[formatting.chart(labels[place]) for place in shown],
        showgrid=False,
        zeroline=False,
    )
    room = (places[-1] - places[0]) * _ROOM or 1
    made.update_xaxes(range=[places[0] - room, places[-1] + room])
    highest = max((number for line in lines for number in line.values), default=0)
    made.update_yaxes(range=[0, highest * _HEADROOM or 1], nticks=5, zeroline=False, tickformat=",.4~f")
    if highest < _FEW and all(isinstance(number, int) for line in lines for number in line.values):
        made.update_yaxes(dtick=1)  # there is no half user
    framed(made, HEIGHT)
    if len(lines) > 1:
        made.update_layout(
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        )
    return made


def shade(figure: go.Figure, steps: Collection[int]) -> None:
    """Shades these places of a chart whose points are at 0, 1, 2, ...; neighbours as one."""
    starts = sorted(step for step in steps if step - 1 not in steps)
    ends = sorted(step for step in steps if step + 1 not in steps)
    for start, end in zip(starts, ends, strict=True):
        figure.add_vrect(
            x0=start - 0.5, x1=end + 0.5, fillcolor=_SHADE, line_width=0, layer="below", name="asked"
        )


def _labelled(number: int) -> list[int]:
    """Which places have a label: the last, and others at even distances."""
    every = -(-number // _LABELS)
    return list(range(number - 1, -1, -every))[::-1]
