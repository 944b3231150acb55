"""What the members do beside everyone: over time, by kind of event, by hour of the week."""

from collections.abc import Sequence
from datetime import datetime

import plotly.graph_objects as go
import streamlit as st

from duckmart.insight.activity import HOURS, WEEK, WEEKDAYS, AudienceSize, MemberCounts, Steps, Weeks
from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.spec.words import last, last_days, quantity
from duckmart.ui import formatting
from duckmart.ui.insight import habits
from duckmart.ui.insight.shading import Shading
from duckmart.ui.session.query_runner import ask_once, failing
from duckmart.ui.widgets import cards, line_chart
from duckmart.ui.widgets.charts import GOLD, TEAL, framed

# How many weeks or days the words over the chart compare.
_LATELY = 4
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def show(segment: Segment, data: Mart, size: Size) -> None:
    """Show cards of what the members do, each from one query."""
    if not size.total:
        st.caption("Nobody matches, so there is nothing done. Loosen a condition to see who comes in.")
        return
    steps = Steps.of(data.catalog, size.as_of)
    if not steps.number:
        st.caption(f"There are no events up to {size.as_of:%d %b %Y}, so nothing was done yet.")
        return
    audience = AudienceSize(size.total, size.table.everyone)
    failing("over-time", lambda: _over_time(segment, data, steps, audience))
    columns = st.columns(2)
    with columns[0]:
        failing("habits", lambda: habits.show(segment, data, audience))
    with columns[1]:
        failing("hours", lambda: _hours(segment, data))


def _over_time(segment: Segment, data: Mart, steps: Steps, audience: AudienceSize) -> None:
    counts = ask_once(
        data,
        segment,
        "activity over time",
        lambda stop: data.over_time(segment, steps, stop),
        line_chart.CARD_HEIGHT,
    )
    shading = Shading.of(segment, data, steps)
    unit = "week" if steps.length == WEEK else "day"
    words = (
        shading.words(unit),
        _lately(counts, audience, unit, shading.steps),
        f"{unit.capitalize()}s are counted back from {formatting.moment(steps.end(0))}.",
    )
    cards.show(
        f"Events per user each {unit}, members beside everyone, the last {last(len(counts), unit)}",
        " ".join(filter(None, words)),
        _rate_lines(counts, audience, steps, shading),
        lambda: _rate_rows(counts, audience, steps, shading),
        key="activity-time",
    )


def _ends(steps: Steps) -> list[datetime]:
    return [steps.end(step) for step in reversed(range(steps.number))]


def _rate_lines(
    counts: Sequence[MemberCounts], audience: AudienceSize, steps: Steps, shading: Shading
) -> go.Figure:
    """The members' rate in each step and everyone's; the steps that the segment asks about are shaded."""
    rates = [count.rates(audience) for count in counts]
    titles = _step_titles(steps, shading)
    figure = line_chart.figure(
        range(len(counts)),
        [f"{end:%d %b}" for end in _ends(steps)],
        [
            line_chart.Line(
                name,
                [pair[place] for pair in rates],
                _rate_hover(titles, [pair[place] for pair in rates], whose),
                color,
            )
            for place, name, whose, color in (
                (1, "everyone, per user", "user", GOLD),
                (0, "this segment, per member", "member", TEAL),
            )
        ],
    )
    line_chart.shade(figure, shading.steps)
    return figure


def _step_titles(steps: Steps, shading: Shading) -> list[str]:
    """When each step is, and which events the segment asks about there."""
    unit = "Week" if steps.length == WEEK else "Day"
    return [
        f"{unit} from {end - steps.length:%d %b %Y} to {end:%d %b %Y}"
        + (f"<br>the segment itself asks about {formatting.chart(names)}" if names else "")
        for end, names in zip(_ends(steps), shading.labels, strict=True)
    ]


def _rate_rows(
    counts: Sequence[MemberCounts], audience: AudienceSize, steps: Steps, shading: Shading
) -> list[dict[str, object]]:
    unit = "Week" if steps.length == WEEK else "Day"
    return [
        {
            f"{unit} from": end - steps.length,
            "to": end,
            "Events of members": count.members,
            "per member": formatting.figure(count.rates(audience)[0], 4),
            "Events of everyone": count.everyone,
            "per user": formatting.figure(count.rates(audience)[1], 4),
            "Segment asks about": names,
        }
        for end, count, names in zip(_ends(steps), counts, shading.labels, strict=True)
    ]


def _rate_hover(titles: Sequence[str], rates: Sequence[float], whose: str) -> list[str]:
    return [f"{title}<br>{rate:,.2f} events per {whose}" for title, rate in zip(titles, rates, strict=True)]


def _lately(counts: Sequence[MemberCounts], audience: AudienceSize, unit: str, shaded: frozenset[int]) -> str:
    """How the members' last steps compare with everyone's, leaving out the shaded ones."""
    places = [place for place, _ in enumerate(counts) if place not in shaded][-_LATELY:]
    if not places:
        return ""
    total = MemberCounts(
        sum(counts[place].members for place in places), sum(counts[place].everyone for place in places)
    )
    index = total.index(audience)
    when = f"In the last {last(len(places), unit)}"
    if places[0] < len(counts) - len(places):
        when += " without shade"
    if index is None:
        return f"{when} nobody did anything."
    return f"{when} members did **{index / 100:.1f}×** as many events per user as everyone."


def _hours(segment: Segment, data: Mart) -> None:
    grid = ask_once(
        data, segment, "activity hours", lambda stop: data.hours(segment, stop), line_chart.CARD_HEIGHT
    )
    # Of hours that are equally busy the earliest is named.
    busiest = max((events, -day, -hour) for day, row in enumerate(grid) for hour, events in enumerate(row))
    weeks = data.weeks(segment)
    period = f"last {last(weeks.number, 'week')}"
    words = f"Nobody did anything in the {period}."
    if busiest[0]:
        day, hour = _DAYS[-busiest[1]], _span(-busiest[2])
        words = f"Busiest: **{day}, {hour}**. The fuller the color, the more of the members' events."
    cards.show(
        f"When members are active, {period}, {segment.timezone} time",
        f"{words} {_weeks(weeks)}",
        _heatmap(grid),
        lambda: [
            {"Weekday": day, **{f"{hour:02}": events for hour, events in enumerate(row)}}
            for day, row in zip(_DAYS, grid, strict=True)
        ],
        key="activity-hours",
    )


def _weeks(weeks: Weeks) -> str:
    """How many weeks are counted, and which days are not."""
    if weeks.is_cut:
        return "The data has less than a week: weekdays from before it are empty."
    words = f"{quantity(weeks.number, 'whole week')}, so that each weekday counts alike"
    if not weeks.left_out:
        return f"{words}."
    return f"{words}; without the {last_days(weeks.left_out)} before."


def _heatmap(grid: Sequence[Sequence[int]]) -> go.Figure:
    total = sum(map(sum, grid)) or 1
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in grid],
            x=list(range(HOURS)),
            y=list(range(WEEKDAYS)),
            xgap=2,
            ygap=2,
            zmin=0,
            # The lightest shade is transparent, so that it suits the light theme and the dark one.
            colorscale=[[0, "rgba(20,148,138,0.06)"], [1, "rgba(20,148,138,1)"]],
            showscale=False,
            hovertext=[
                [
                    f"{_DAYS[day]}, {_span(hour)}<br>{quantity(events, 'event')}"
                    f" · {formatting.share(events / total)}"
                    for hour, events in enumerate(row)
                ]
                for day, row in enumerate(grid)
            ],
            hoverinfo="text",
        )
    )
    figure.update_xaxes(
        tickvals=list(range(0, HOURS, 3)),
        ticktext=[f"{hour:02}:00" for hour in range(0, HOURS, 3)],
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(WEEKDAYS)),
        ticktext=[day[:3] for day in _DAYS],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    return framed(figure, line_chart.HEIGHT)


def _span(hour: int) -> str:
    return f"{hour:02}:00 to {(hour + 1) % HOURS:02}:00"
