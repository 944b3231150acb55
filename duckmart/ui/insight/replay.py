"""The segment's size in past weeks: one question per week, as of its end."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from duckmart.insight import replay
from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.spec.words import last, quantity, readable_name
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import ask, failing, remember
from duckmart.ui.widgets import cards, line_chart

# Not a widget's key: the meaning of the segment whose replay was stopped.
_STOPPED_SEGMENT = "replay.stopped"


@dataclass(frozen=True, slots=True)
class Week:
    """How many members there were at a moment, of how many users."""

    moment: datetime
    members: int
    everyone: int

    @property
    def share(self) -> float:
        return self.members / self.everyone if self.everyone else 0.0


def show(segment: Segment, data: Mart, size: Size) -> None:
    """Show a card of the size week by week; the replay shows its progress and can be stopped."""
    moments = replay.moments(data.catalog, size.as_of)
    if len(moments) < 2:
        st.caption("The events do not go back a week, so there is no earlier size to show.")
        return
    if st.session_state.get(_STOPPED_SEGMENT) == segment.meaning:
        with st.container(border=True, height=line_chart.CARD_HEIGHT, key="card-replay-stopped"):
            st.markdown(f"**{_title(len(moments))}**")
            st.caption("The replay was stopped.")
            st.button("Replay past weeks", icon=":material/replay:", on_click=_stop, args=("",))
        return
    weeks = failing(
        "replay", lambda: remember(data, segment, "replay", lambda: _replay(segment, data, moments))
    )
    if weeks is not None:
        _card(weeks, data, size)


def _replay(segment: Segment, data: Mart, moments: list[datetime]) -> list[Week]:
    place = st.empty()
    try:
        with place.container(border=True, height=line_chart.CARD_HEIGHT, key="card-replaying"):
            st.markdown(f"**{_title(len(moments))}**")
            bar = st.progress(0.0, "Replaying past weeks")
            st.button(
                "Stop", icon=":material/stop:", on_click=_stop, args=(segment.meaning,), key="replay-stop"
            )
            weeks = []
            for week, moment in enumerate(moments):
                text = f"Replaying {moment:%d %b %Y}, {week + 1} of {len(moments)}"
                bar.progress(week / len(moments), text)
                weeks.append(_week(segment, data, moment))
            return weeks
    finally:
        place.empty()


def _week(segment: Segment, data: Mart, moment: datetime) -> Week:
    signup = replay.signup(data.catalog)
    then = [replay.at(segment, moment, signup), replay.everyone_at(segment, moment, signup)]
    # One pixel: the progress bar is shown instead of the skeleton, which would flicker week by week.
    members, everyone = ask(lambda stop: data.sizes(then, stop), height=1)
    return Week(moment, members, everyone)


def _stop(meaning: str) -> None:
    st.session_state[_STOPPED_SEGMENT] = meaning


def _card(weeks: list[Week], data: Mart, size: Size) -> None:
    figure = line_chart.figure(
        range(len(weeks)),
        [f"{week.moment:%d %b}" for week in weeks],
        [line_chart.Line("members", [week.members for week in weeks], [_hover(week) for week in weeks])],
        current=len(weeks) - 1,
    )
    cards.show(
        _title(len(weeks)),
        _words(weeks, data, size),
        figure,
        lambda: [
            {
                "As of": week.moment,
                "Members": week.members,
                "All users then": week.everyone,
                "Share": formatting.figure(week.share, 4),
            }
            for week in weeks
        ],
        key="replay",
    )


def _title(moments: int) -> str:
    return f"Size of the segment over the past {last(moments - 1, 'week')}"


def _hover(week: Week) -> str:
    return (
        f"As of {formatting.moment(week.moment)}<br>{quantity(week.members, 'member')}"
        f"<br>{formatting.share(week.share)} of the {quantity(week.everyone, 'user')} then"
    )


def _words(weeks: list[Week], data: Mart, size: Size) -> str:
    signup = replay.signup(data.catalog)
    if signup is None:
        left_out = "The data has no signup date, so nobody is left out as not yet there."
    else:
        name = formatting.markdown(readable_name(signup.name))
        left_out = f"Users who signed up later ({name}) are left out"
        left_out += "; users without one count throughout." if signup.missing else "."
    later = size.total - weeks[-1].members
    if later > 0 and signup is not None:
        left_out += f" That is why the last point is {later:,} below the count above."
    return f"Replayed on the events up to each moment; attributes are today's. {left_out}"
