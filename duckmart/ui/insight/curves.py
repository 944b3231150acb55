"""What if: the segment's size by each number in its conditions, each a click away, and in past weeks."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

import plotly.graph_objects as go
import streamlit as st

from duckmart.compile.query import Plain
from duckmart.engines import Stop
from duckmart.insight.sensitivity import VariedParameter, varied_parameters
from duckmart.instants import parse
from duckmart.mart import Mart, Size
from duckmart.spec import describe, draft_json, edit
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.insight import replay
from duckmart.ui.session import state
from duckmart.ui.session.query_runner import ask_once, failing
from duckmart.ui.streamlit_quirks import distinct, outlasting
from duckmart.ui.widgets import cards, line_chart

_CONDITION, _NUMBER = outlasting("curve.condition"), outlasting("curve.number")


def show(segment: Segment, data: Mart, size: Size) -> None:
    """Show the curve of one condition's number, then the replay of past weeks."""
    parameters = varied_parameters(segment, data.catalog, size.as_of)
    if parameters:
        failing("curve", lambda: _curve(_pick_parameter(segment, parameters), segment, data, size))
    else:
        st.caption(
            "No condition has a number to move. Add one such as an age, how often an event happened or in "
            "how many days, and see here how the size answers to it."
        )
    replay.show(segment, data, size)


def _pick_parameter(segment: Segment, parameters: Sequence[VariedParameter]) -> VariedParameter:
    """The number to vary, picked in two boxes: first the condition, then its number."""
    nodes = dict(walk(segment))
    columns = st.columns(2)
    with columns[0]:
        paths = list(dict.fromkeys(parameter.path for parameter in parameters))
        path = _pick("Condition to change", _CONDITION, paths, lambda path: describe.line(nodes[path]))
    with columns[1]:
        of_path = {parameter.part: parameter for parameter in parameters if parameter.path == path}
        part = _pick("Number to change", _NUMBER, list(of_path), lambda part: of_path[part].words)
    return of_path[part]


def _pick(label: str, key: str, paths: Sequence[Path], words: Callable[[Path], str]) -> Path:
    """The path picked in a box; the first one if the path picked before is gone."""
    options = {dotted(path): path for path in paths}
    names = list(options)
    labels = dict(zip(names, distinct(map(words, options.values())), strict=True))
    if st.session_state.get(key) not in options:
        st.session_state[key] = names[0]
    name = st.selectbox(label, names, key=key, format_func=labels.__getitem__)
    return options[name]


def _curve(parameter: VariedParameter, segment: Segment, data: Mart, size: Size) -> None:
    place = dotted((*parameter.path, *parameter.part))

    def question(stop: Stop) -> list[int]:
        return data.sizes([parameter.at(segment, point) for point in parameter.points], stop)

    sizes = ask_once(data, segment, f"curve {place}", question, line_chart.CARD_HEIGHT)
    suffix = " asked for" if parameter.what == "threshold" else ""
    now = label(parameter.current)
    cards.show(
        f"Size of the segment by {parameter.words}{suffix}",
        f"Now at {formatting.markdown(now)}: **{quantity(size.total, 'user')}**. "
        "Click a point to use its value.",
        _figure(parameter, sizes, size),
        lambda: [
            {
                "Value": label(point),
                "Users": users,
                "Share of all": formatting.figure(_share(users, size), 4),
                "Against now": users - size.total,
            }
            for point, users in zip(parameter.points, sizes, strict=True)
        ],
        key="curve",
        on_select=lambda row: _take(parameter, parameter.points[row]),
        action="Use this value",
    )


def _take(parameter: VariedParameter, point: Plain) -> None:
    """Write a point of the curve into the condition."""
    draft = state.draft()
    row = draft_json.build(draft).rows.get(parameter.path)
    if row is not None:
        state.commit(edit.change_complete(draft, row, parameter.part, lambda _: point))


def _figure(parameter: VariedParameter, sizes: Sequence[int], size: Size) -> go.Figure:
    labels = [label(point) for point in parameter.points]
    current = parameter.points.index(parameter.current)
    hover = [
        f"{formatting.chart(name)}<br>{quantity(users, 'user')} · {formatting.share(_share(users, size))}"
        f"<br>{users - size.total:+,} against now"
        for name, users in zip(labels, sizes, strict=True)
    ]
    figure = line_chart.figure(
        _places(parameter), labels, [line_chart.Line("users", list(sizes), hover)], current
    )
    figure.add_annotation(
        x=_places(parameter)[current],
        y=sizes[current],
        text=f"<b>{formatting.chart(labels[current])}: {sizes[current]:,}</b>",
        showarrow=False,
        yshift=18,
        xanchor="right" if current > len(sizes) / 2 else "left",
    )
    return figure


def _places(parameter: VariedParameter) -> list[float]:
    """The points on the axis: lengths of time and dates at even distances, other numbers to scale."""
    if parameter.what == "length" or isinstance(parameter.current, str):
        return [float(place) for place, _ in enumerate(parameter.points)]
    return [float(point) for point in parameter.points if not isinstance(point, str | date)]


def label(point: Plain) -> str:
    """A value as people read it: 1,000, 2.5, Mar 2026."""
    match point:
        case str():
            moment = parse(point)
            if isinstance(moment, datetime):
                return f"{moment:%d %b %Y, %H:%M}"
            return f"{moment:%b %Y}" if moment.day == 1 else f"{moment:%d %b %Y}"
        case Decimal():
            return f"{point.normalize():,f}"
        case _:
            return f"{point:,}"


def _share(users: int, size: Size) -> float:
    return users / size.table.everyone if size.table.everyone else 0.0
