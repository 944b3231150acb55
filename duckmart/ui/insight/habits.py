"""Which events set the members apart: how many of them did each at all, beside everyone else."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from duckmart.insight.activity import HABIT_DAYS, AudienceSize
from duckmart.insight.habits import Habit
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from duckmart.ui import formatting
from duckmart.ui.insight import apartness, dot_plot
from duckmart.ui.insight.shading import enumeration
from duckmart.ui.session.query_runner import ask_once
from duckmart.ui.widgets import cards, line_chart
from duckmart.ui.widgets.charts import TEAL, framed, percent, truncate

HABITS_SHOWN = 12
_TITLE = f"Events that set members apart, last {HABIT_DAYS} days"
# Rates per day are pointed out if members were there so many times as long as others, or as short.
_UNLIKE_EXPOSURE = 1.25


def show(segment: Segment, data: Mart, audience: AudienceSize) -> None:
    """Show the card of the habits, from one query."""

    habits = ask_once(
        data,
        segment,
        "activity habits",
        lambda stop: data.habits(segment, audience, stop),
        line_chart.CARD_HEIGHT,
    )
    if not habits:
        with st.container(border=True, height="stretch", key="card-activity-habits"):
            st.markdown(f"**{_TITLE}**")
            st.caption(f"Nobody did anything in the last {HABIT_DAYS} days.")
        return
    cards.show(
        _TITLE,
        words(habits),
        figure(_in_chart(habits)),
        lambda: [row(habit) for habit in habits],
        key="activity-habits",
    )


def words(habits: Sequence[Habit]) -> str:
    """What the card says above its chart; `habits` are ranked and at least one."""
    rest = len(habits) - len(_in_chart(habits))
    more = f" {rest} more in the table." if rest else ""
    own = [habit.event_name for habit in habits if habit.is_own]
    if not habits[0].counts.rest:
        return (
            "Everyone matches, so nothing can set them apart. Bars are the share of users who did it at "
            f"least once.{more}"
        )
    if len(own) == len(habits):
        return (
            "The segment itself asks about every event done here, so more or less of them is no news. "
            f"Bars are the share of members who did it at least once.{more}"
        )
    left_out = apartness.left_out(formatting.markdown(enumeration(own)))
    return (
        f"{_headline(habits)} Dots show how many times as common it is among the members as among everyone "
        f"else to have done it at least once; {apartness.SCALE}; pale dots may be chance.{more}"
        f"{left_out}{_exposure(habits[0])}"
    )


def _in_chart(habits: Sequence[Habit]) -> list[Habit]:
    """The events that the chart has room for; the segment's own ones only if there are no others."""
    news = [habit for habit in habits if not habit.is_own]
    return [*(news or habits)][:HABITS_SHOWN]


def _headline(habits: Sequence[Habit]) -> str:
    """The strongest finding in words, or that there is none."""
    strongest = habits[0]
    if strongest.is_finding:
        return f"**{formatting.markdown(strongest.event_name)}**: {_how_common(strongest)}."
    return apartness.nothing(strongest.audience.members, strongest.audience.everyone)


def _how_common(habit: Habit) -> str:
    members, rest = habit.reach
    if not members:
        return f"none of the members did it, {percent(rest)} of everyone else"
    if not rest or habit.index is None:
        return f"{percent(members)} of the members did it, nobody else"
    return (
        f"{percent(members)} of the members did it, {percent(rest)} of everyone else, "
        f"so {dot_plot.times(habit.index.value)} as common"
    )


def _exposure(habit: Habit) -> str:
    """How many days members and others were there, if that differs enough to matter."""
    audience, exposure = habit.audience, habit.exposure
    members, rest = exposure.members / audience.members, exposure.rest / habit.counts.rest
    if max(members, rest) <= _UNLIKE_EXPOSURE * min(members, rest):
        return ""
    return (
        f" In these {HABIT_DAYS} days a member was there for {members:,.0f} on average, another user for "
        f"{rest:,.0f}: the table has the events per day there."
    )


def figure(habits: Sequence[Habit]) -> go.Figure:
    """A dot with its interval per event; a bar of reach where there is nobody else to compare with."""
    hover = [_hover(habit) for habit in habits]
    names = [truncate(habit.event_name, 22) for habit in habits]
    indices = [habit.index for habit in habits if habit.index is not None]
    if len(indices) < len(habits) or all(habit.is_own for habit in habits):
        return _bars([habit.reach[0] for habit in habits], names, hover)
    return dot_plot.figure(
        [
            dot_plot.Dot(index, name, text, 1 if habit.is_finding else 0.35)
            for habit, index, name, text in zip(habits, indices, names, hover, strict=True)
        ],
        line_chart.HEIGHT,
    )


def _bars(shares: Sequence[float], names: Sequence[str], hover: Sequence[str]) -> go.Figure:
    places = list(range(len(shares)))
    bars = go.Figure(
        go.Bar(
            x=list(shares),
            y=places,
            orientation="h",
            marker_color=TEAL,
            text=[percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertext=list(hover),
            hoverinfo="text",
        )
    )
    bars.update_xaxes(visible=False, range=[0, max(shares) * 1.25])
    bars.update_yaxes(tickvals=places, ticktext=list(names), range=[max(len(shares), 4) - 0.5, -0.5])
    return framed(bars, line_chart.HEIGHT)


def _hover(habit: Habit) -> str:
    counts, index = habit.counts, habit.index
    members, rest = habit.reach
    of_members, of_rest = (None if rate is None else f"{rate:,.3g}" for rate in habit.rates)
    lines = [
        formatting.chart(habit.event_name),
        f"done by {percent(members)} of the members ({counts.having:,})",
        *([f"and {percent(rest)} of everyone else ({counts.rest_having:,})"] if counts.rest else []),
        *([f"{dot_plot.interval(index)} as common as among everyone else"] if index else []),
        *([f"a member did {of_members} a day there"] if of_members else []),
        *([f"another user {of_rest}"] if of_rest else []),
        *([apartness.TOO_FEW] if _is_few(habit) else []),
        *(["the segment itself asks about it"] if habit.is_own else []),
        *(["may be chance"] if _may_be_chance(habit) else []),
    ]
    return "<br>".join(lines)


def _is_few(habit: Habit) -> bool:
    return not habit.is_finding and not habit.is_own and habit.counts.is_few


def _may_be_chance(habit: Habit) -> bool:
    return habit.index is not None and not habit.is_finding and not habit.is_own


def row(habit: Habit) -> dict[str, object]:
    """The figures of an event, as docs/figures.md explains them."""
    counts, index = habit.counts, habit.index
    members, rest = habit.reach
    rates = [None if rate is None else formatting.figure(rate, 4) for rate in habit.rates]
    return {
        "Event": habit.event_name,
        **apartness.factors(index),
        "Members who did it": counts.having,
        "Members %": formatting.figure(100 * members, 2),
        "Expected members": round(counts.expected, 1),
        "Everyone else who did it": counts.rest_having,
        "Everyone else %": formatting.figure(100 * rest, 2) if counts.rest else None,
        "p": habit.p if counts.rest and not habit.is_own else None,
        "Sets apart": habit.is_finding,
        "Too few to tell": _is_few(habit),
        "Segment asks about it": habit.is_own,
        "Events of members": habit.events.members,
        "per day of a member": rates[0],
        "Events of everyone else": habit.events.everyone - habit.events.members,
        "per day of another user": rates[1],
        "Days of members": round(habit.exposure.members, 1),
        "Days of everyone else": round(habit.exposure.rest, 1),
    }
