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


class DeliveryPart(Part):
    """A key of the spec beside its conditions, as a part of a row is for its widgets."""

    __slots__ = ()

    @classmethod
    def of(cls, key: str, label: str) -> "DeliveryPart":
        return cls("delivery", label, (key,))

    def say(self, value: Json) -> Draft:
        return edit.deliver(state.draft(), str(self.path[0]), value)

    def unsay(self) -> Draft:
        return self.say(None)


def show() -> None:
    """A box that starts closed, and a line above it that names what is set in it."""
    delivery = state.draft().delivery
    if delivery:
        st.caption(f":material/tune: Set below: {', '.join(starmap(_label, delivery.items()))}.")
    with st.expander("Sample, split, as of, time zone, limit", key="options", on_change="rerun") as box:
        # Streamlit knows whether a box is open only where it has `on_change`.
        if not box.open:
            return
        _sample(delivery.get("sample"))
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            _as_of(delivery.get("as_of"))
            _timezone(delivery.get("timezone"))
            _limit(delivery.get("limit"))


_NAMES = {"sample": "sample", "as_of": "as of", "timezone": "time zone", "limit": "limit"}


def _label(key: str, value: Json) -> str:
    return "split" if key == "sample" and "split" in value else _NAMES[key]


def _sample(sample: Mapping[str, Json] | None) -> None:
    part = DeliveryPart.of("sample", "Deliver")
    choice = EVERYONE if sample is None else SPLIT if "split" in sample else SAMPLE
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.segmented_control(
            "Deliver",
            [EVERYONE, SAMPLE, SPLIT],
            required=True,
            help="A sample keeps the same users every day; a split gives each member one of several arms.",
            **part.edits(choice, lambda kind: part.say(_blank(kind, sample)), kind="kind", default=choice),
        )
        if sample is None:
            return
        if choice == SAMPLE:
            _percent(part, sample)
        else:
            _arms(part, sample)
        _seed(part, sample)


def _percent(part: Part, sample: Mapping[str, Json]) -> None:
    value = float(sample.get("percent", 0))

    def read(entry: float | None) -> Draft:
        try:
            percent = number(entry or 0)
        except ValueError:
            percent = 0
        if not percent:
            st.toast("Write a percentage above 0, with at most 18 decimals.", icon=":material/warning:")
            return state.draft()
        return part.say({**sample, "percent": percent})

    st.number_input(
        "Percent",
        step=1.0,
        format="%g",
        width=120,
        **part.edits(value, read, kind="percent", value=value),
    )


def _arms(part: Part, sample: Mapping[str, Json]) -> None:
    text = ", ".join(f"{name} {weight}" for name, weight in sample["split"].items())

    def read(entry: str) -> Draft:
        matches = [_ARM.fullmatch(arm) for arm in entry.split(",") if arm.strip()]
        arms = {arm["name"]: int(arm["weight"]) for arm in matches if arm is not None}
        if None in matches or not arms or len(arms) < len(matches) or sum(arms.values()) != 100:
            words = "Write each arm once with its percentage, 100 in all: treatment 90, control 10"
            st.toast(formatting.markdown(words), icon=":material/warning:")
            return state.draft()
        return part.say({**sample, "split": arms})

    st.text_input(
        "Arms",
        help="Each arm with its percentage, 100 in all. Downloads get a column `variant`.",
        width=260,
        **part.edits(text, read, kind="arms", value=text),
    )


def _seed(part: Part, sample: Mapping[str, Json]) -> None:
    seed = sample.get("seed", "")
    st.text_input(
        "Seed",
        help="Another seed draws other users; the same seed always the same ones.",
        width=160,
        **part.edits(
            seed,
            lambda entry: part.say({**sample, "seed": entry.strip() or SEED}),
            kind="seed",
            value=seed,
        ),
    )


def _blank(kind: str, sample: Mapping[str, Json] | None) -> Json:
    seed = sample["seed"] if sample else SEED
    if kind == SAMPLE:
        return {"percent": 10, "seed": seed}
    return {"split": {"control": 10, "treatment": 90}, "seed": seed} if kind == SPLIT else None


def _as_of(as_of: str | None) -> None:
    with st.container(gap="xxsmall", width="content"):
        st.caption("Count back from")
        value_inputs.moment(DeliveryPart.of("as_of", "As of"), as_of, clearable=True)


def _timezone(timezone: str | None) -> None:
    # The spec leaves out UTC, which is its default.
    zone = timezone or "UTC"
    zones = ["UTC", *sorted(timezones() - {"UTC"})]
    part = DeliveryPart.of("timezone", "Time zone")
    st.selectbox(
        "Time zone of days",
        zones,
        required=True,
        width=230,
        **part.edits(zone, lambda entry: part.say(None if entry == "UTC" else entry), **at(zones, zone)),
    )


def _limit(limit: int | None) -> None:
    part = DeliveryPart.of("limit", "Limit")
    # A browser holds smaller whole numbers exactly than the spec allows.
    value = min(limit or 0, BROWSER_WHOLE)
    st.number_input(
        "Limit of API answers",
        width=170,
        help="0 is no limit. Counts, charts and downloads are never limited.",
        **ANY_NUMBER,
        **part.edits(value, read_whole(lambda entry: part.say(entry or None)), value=as_float(value)),
    )
