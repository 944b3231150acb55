"""How the answer is delivered: a sample or a split, the moment counted from, the time zone, a limit."""

import re
from collections.abc import Mapping
from itertools import starmap

import streamlit as st

from duckmart.spec import edit
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json
from duckmart.spec.values import number, timezones
from duckmart.ui import formatting
from duckmart.ui.editor import value_inputs
from duckmart.ui.session import state
from duckmart.ui.widgets.binding import Part, at
from duckmart.ui.widgets.whole_numbers import ANY_NUMBER, BROWSER_WHOLE, as_float, read_whole

EVERYONE, SAMPLE, SPLIT = "Everyone", "A sample", "A split"
SEED = "campaign-1"
_ARM = re.compile(r"\s*(?P<name>\S.*?)\s+(?P<weight>\d{1,3})\s*%?\s*")


class Delivered(Part):
    """A key of the spec beside its conditions."""

    __slots__ = ()

    @classmethod
    def of(cls, key: str, label: str) -> "Delivered":
        return cls("delivery", label, (key,))

    def say(self, value: Json) -> Draft:
        return edit.deliver(state.draft(), str(self.path[0]), value)

    def unsay(self) -> Draft:
        return self.say(None)


def show() -> None:
    """A box that is closed until it is asked for; what is set in it is said below."""
    given = state.draft().delivery
    if given:
        st.caption(f":material/tune: Set below: {', '.join(starmap(_called, given.items()))}.")
    with st.expander("Sample, split, as of, time zone, limit", key="options", on_change="rerun") as box:
        if not box.open:
            return
        _sample(given.get("sample"))
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            _as_of(given.get("as_of"))
            _timezone(given.get("timezone"))
            _limit(given.get("limit"))


_NAMES = {"sample": "sample", "as_of": "as of", "timezone": "time zone", "limit": "limit"}


def _called(key: str, said: Json) -> str:
    return "split" if key == "sample" and "split" in said else _NAMES[key]


def _sample(given: Mapping[str, Json] | None) -> None:
    part = Delivered.of("sample", "Deliver")
    shown = EVERYONE if given is None else SPLIT if "split" in given else SAMPLE
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.segmented_control(
            "Deliver",
            [EVERYONE, SAMPLE, SPLIT],
            required=True,
            help="A sample keeps the same users every day; a split gives each member one of several arms.",
            **part.edits(shown, lambda kind: part.say(_blank(kind, given)), kind="kind", default=shown),
        )
        if given is None:
            return
        if shown == SAMPLE:
            percent = float(given.get("percent", 0))
            st.number_input(
                "Percent",
                step=1.0,
                format="%g",
                width=120,
                **part.edits(
                    percent,
                    lambda typed: _percent(part, given, typed),
                    kind="percent",
                    value=percent,
                ),
            )
        else:
            _arms(part, given)
        st.text_input(
            "Seed",
            help="Another seed draws other users; the same seed always the same ones.",
            width=160,
            **part.edits(
                given.get("seed", ""),
                lambda typed: part.say({**given, "seed": typed.strip() or SEED}),
                kind="seed",
                value=given.get("seed", ""),
            ),
        )


def _percent(part: Part, given: Mapping[str, Json], typed: float | None) -> Draft:
    try:
        wanted = number(typed or 0)
    except ValueError:
        wanted = 0
    if not wanted:
        st.toast("Write a percentage above 0, with at most 18 decimals.", icon=":material/warning:")
        return state.draft()
    return part.say({**given, "percent": wanted})


def _arms(part: Part, given: Mapping[str, Json]) -> None:
    shown = ", ".join(f"{name} {weight}" for name, weight in given["split"].items())

    def typed(text: str) -> Draft:
        read = [_ARM.fullmatch(arm) for arm in text.split(",") if arm.strip()]
        arms = {arm["name"]: int(arm["weight"]) for arm in read if arm is not None}
        if None in read or not arms or len(arms) < len(read) or sum(arms.values()) != 100:
            words = "Write each arm once with its percentage, 100 in all: treatment 90, control 10"
            st.toast(formatting.markdown(words), icon=":material/warning:")
            return state.draft()
        return part.say({**given, "split": arms})

    st.text_input(
        "Arms",
        help="Each arm with its percentage, 100 in all. Downloads get a column `variant`.",
        width=260,
        **part.edits(shown, typed, kind="arms", value=shown),
    )


def _blank(kind: str, given: Mapping[str, Json] | None) -> Json:
    seed = given["seed"] if given else SEED
    if kind == SAMPLE:
        return {"percent": 10, "seed": seed}
    return {"split": {"control": 10, "treatment": 90}, "seed": seed} if kind == SPLIT else None


def _as_of(given: str | None) -> None:
    with st.container(gap="xxsmall", width="content"):
        st.caption("Count back from")
        value_inputs.moment(Delivered.of("as_of", "As of"), given, clearable=True)


def _timezone(given: str | None) -> None:
    shown = given or "UTC"
    zones = ["UTC", *sorted(timezones() - {"UTC"})]
    part = Delivered.of("timezone", "Time zone")
    st.selectbox(
        "Time zone of days",
        zones,
        required=True,
        width=230,
        **part.edits(shown, lambda zone: part.say(None if zone == "UTC" else zone), **at(zones, shown)),
    )


def _limit(given: int | None) -> None:
    part = Delivered.of("limit", "Limit")
    # A browser's numbers end before the spec's.
    shown = min(given or 0, BROWSER_WHOLE)
    st.number_input(
        "Limit of API answers",
        width=170,
        help="0 is no limit. Counts, charts and downloads are never limited.",
        **ANY_NUMBER,
        **part.edits(shown, read_whole(lambda limit: part.say(limit or None)), value=as_float(shown)),
    )
