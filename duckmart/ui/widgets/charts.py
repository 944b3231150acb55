"""Figures of a segment: how its conditions narrow it, and which of them hold together."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import plotly.graph_objects as go

from duckmart.insight.truth_table import Flags, TruthTable, holds
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting

TEAL, GOLD, GREY = "#14948A", "#F2B705", "#A9B1AC"
# The condition that decides, and those that change nothing.
AMBER, PALE = "#D9822B", "#8CC7C1"
COMBINATIONS_SHOWN = 12
# On a phone, so many numbers have room side by side; those over more bars are turned.
_SIDE_BY_SIDE = 6
# A condition that does not hold: hardly there on any paper.
_HOLLOW = "rgba(128,140,134,0.22)"
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "responsive": True}


def waterfall(table: TruthTable, labels: Sequence[str]) -> go.Figure:
    """Everyone, then how many are left (or gathered) after each condition, the last being the segment."""
    steps = _waterfall_steps(table, labels)
    names, counts = [name for name, _ in steps], [count for _, count in steps]
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
                f"{_lines(name)}<br>{quantity(count, 'user')}"
                for name, count in zip(names, counts, strict=True)
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    # Positions are numbers: equal labels would stack into one bar.
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[truncate(name, 30) for name in names],
        autorange="reversed",
    )
    figure.update_xaxes(visible=False, range=[0, max([*counts, 1]) * 1.02])
    return framed(figure, height=60 + 42 * len(counts))


def _waterfall_steps(table: TruthTable, labels: Sequence[str]) -> list[tuple[str, int]]:
    steps = [("All users", table.everyone), *zip(labels, table.waterfall or (), strict=True)]
    if table.segment.negate:
        steps.append(("everyone else", table.everyone - steps[-1][1]))
    if table.sample_combinations is not None:
        steps.append(("in the sample", table.total))
    return steps


@dataclass(frozen=True, slots=True)
class Combination:
    """Users for whom the same conditions hold, as a column of the overlap chart shows them."""

    flags: Flags
    users: int
    color: str
    hover: str


def overlap(table: TruthTable, labels: Sequence[str]) -> go.Figure:
    """Draw an UpSet plot: a bar per combination of conditions, and dots below it for those that hold."""
    columns = _columns(table, labels)
    figure = go.Figure(_bars(columns))
    figure.add_traces([_line(place, column) for place, column in enumerate(columns)])
    figure.add_trace(_dots(columns, len(labels)))
    matrix = 30 * len(labels)
    height = 210 + matrix
    figure.update_layout(
        yaxis={"domain": [(matrix + 12) / height, 1], "visible": False},
        yaxis2={
            "domain": [0, matrix / height],
            "tickvals": list(range(len(labels))),
            "ticktext": [truncate(label, 30) for label in labels],
            "range": [len(labels) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
    )
    # Room for a few columns at least, so that two are not two blocks.
    figure.update_xaxes(visible=False, range=[-0.6, max(len(columns), 6) - 0.4])
    framed(figure, height)
    _write_numbers(figure, columns)
    return figure


def by_users(table: TruthTable) -> list[tuple[Flags, int]]:
    """The combinations of conditions that hold, those with the most users first."""
    return sorted((table.combinations or {}).items(), key=lambda pair: -pair[1])


def _columns(table: TruthTable, labels: Sequence[str]) -> list[Combination]:
    return [
        Combination(
            flags,
            users,
            TEAL if is_in(table.segment, flags) else GREY,
            _combination_hover(table, flags, users, labels),
        )
        for flags, users in by_users(table)[:COMBINATIONS_SHOWN]
    ]


def _bars(columns: Sequence[Combination]) -> go.Bar:
    """A bar per combination, as high as it has users."""
    return go.Bar(
        x=list(range(len(columns))),
        y=[column.users for column in columns],
        marker_color=[column.color for column in columns],
        hovertext=[column.hover for column in columns],
        hoverinfo="text",
    )


def _write_numbers(figure: go.Figure, columns: Sequence[Combination]) -> None:
    """Write the number of users above each bar; annotations, because Plotly hides the text of narrow bars."""
    for place, column in enumerate(columns):
        figure.add_annotation(
            x=place,
            y=column.users,
            text=f"{column.users:,}",
            textangle=-90 if len(columns) > _SIDE_BY_SIDE else 0,
            yanchor="bottom",
            yshift=1,
            showarrow=False,
            hovertext=column.hover,
        )


def _line(place: int, column: Combination) -> go.Scatter:
    """The line from the first condition that holds to the last one."""
    children = [child for child, flag in enumerate(column.flags) if flag]
    return go.Scatter(
        x=[place, place],
        y=[min(children, default=0), max(children, default=0)],
        yaxis="y2",
        mode="lines",
        line={"color": column.color, "width": 3},
        hoverinfo="skip",
    )


def _dots(columns: Sequence[Combination], conditions: int) -> go.Scatter:
    """A dot for each condition below each bar, hollow where the condition does not hold."""
    dots = [(place, column, child) for place, column in enumerate(columns) for child in range(conditions)]
    return go.Scatter(
        x=[place for place, _, _ in dots],
        y=[child for _, _, child in dots],
        yaxis="y2",
        mode="markers",
        marker={
            "size": 11,
            "color": [column.color if column.flags[child] else _HOLLOW for _, column, child in dots],
        },
        hovertext=[column.hover for _, column, _ in dots],
        hoverinfo="text",
    )


def _combination_hover(table: TruthTable, flags: Flags, users: int, labels: Sequence[str]) -> str:
    conditions = [f"✓ {_lines(label)}" for label, flag in zip(labels, flags, strict=True) if flag]
    share = users / table.everyone if table.everyone else 0
    where = "in the segment" if is_in(table.segment, flags) else "not in the segment"
    title = f"{quantity(users, 'user')} · {percent(share)} · {where}"
    return "<br>".join([title, *(conditions or ["none of them holds"])])


def is_in(segment: Segment, flags: Flags) -> bool:
    """Whether users for whom these of the root's children hold are in the segment, whatever its sample."""
    return holds(segment, flags) != segment.negate


def near(labels: Sequence[str], counts: Sequence[int]) -> go.Figure:
    """A bar per condition: how many users it alone keeps out."""
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            x=list(counts),
            y=places,
            orientation="h",
            marker_color=[AMBER, *[GREY] * len(labels)][: len(labels)],
            text=[f"{users:,}" for users in counts],
            textposition=["auto" if users else "outside" for users in counts],
            hovertext=[
                f"{_lines(label)}<br>alone keeps out {quantity(users, 'user')}"
                for label, users in zip(labels, counts, strict=True)
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[truncate(label, 30) for label in labels],
        range=[max(len(labels), 4) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_xaxes(visible=False, range=[0, max([*counts, 1]) * 1.1])
    return framed(figure, height=210 + 30 * len(labels))


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
    return formatting.short_share(share)


def _lines(text: str) -> str:
    """A long line broken into several, for a hover box that would else reach beyond the page."""
    return "<br>".join(formatting.chart(line) for line in wrap(text, 60)[:12])


def truncate(text: str, most: int) -> str:
    """A label for an axis, without its end where it is long."""
    return formatting.chart(text if len(text) <= most else text[: most - 1] + "…")
