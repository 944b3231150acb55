"""The widgets of a sequence: whether users did it, how fast and from when; its steps below, a line each."""

from collections.abc import Sequence

import streamlit as st

from duckmart.catalog import Catalog
from duckmart.spec import condition_json, lengths
from duckmart.spec.draft import BLANK_PROPERTY, BLANK_STEP, Draft
from duckmart.spec.json_text import JsonObject
from duckmart.ui.editor import column_filters, event_names, value_inputs, window_inputs
from duckmart.ui.editor.row_widgets import icon_button, remove_button, select, words
from duckmart.ui.session import state
from duckmart.ui.widgets.binding import Part

MAX_STEPS = 10
DID = {"did": "did", "did_not": "did not do"}
ABSENT = {False: "then", True: "but then no"}


def show(part: Part, condition: JsonObject, catalog: Catalog) -> None:
    operator = condition.get("operator", "did")
    select(
        f"{part.label} did",
        DID,
        operator,
        part.at("operator").edits(operator, lambda name: _with_operator(part, name)),
        format_func=DID.__getitem__,
        width=116,
    )
    words("these, within")
    _show_length(part, condition)
    words("the first")
    window_inputs.show(part, condition, catalog)


def _show_length(part: Part, condition: JsonObject) -> None:
    """How long the sequence may take: a number of days or hours."""
    unit = lengths.within(condition).unit
    nouns = {f"{one.noun}s": one for one in lengths.UNITS}
    noun = f"{unit.noun}s"
    number = part.at(unit.within, label=f"within {noun}")
    value_inputs.whole_number(number, condition.get(unit.within), noun, width=84)
    select(
        f"{part.label} unit of time",
        nouns,
        noun,
        part.edits(
            noun,
            lambda name: part.change(lambda row: condition_json.with_length(row, nouns[name])),
            kind="unit",
        ),
        width=92,
    )


def show_steps(part: Part, steps: Sequence[JsonObject], catalog: Catalog) -> None:
    """The events of a sequence in their order."""
    for place, step in enumerate(steps):
        _show_step(part.at("steps", place, label=f"step {place + 1}"), step, place, len(steps), catalog)
    if len(steps) < MAX_STEPS:
        st.button(
            f"Add step to {part.phrase}",
            key=f"{part.key}.add-step",
            icon=":material/add:",
            type="tertiary",
            on_click=state.press(lambda: _with_step(part)),
        )


def _show_step(part: Part, step: JsonObject, place: int, count: int, catalog: Catalog) -> None:
    with st.container(horizontal=True, gap="xsmall", key=f"row-{part.key}"):
        # The spec lets only the last step be absent.
        if 0 < place == count - 1:
            _show_absent(part, step)
        else:
            words("first" if place == 0 else "then", 42)
        event_names.show(part.at("event_name", label="event"), step["event_name"], catalog.events)
        with st.container(horizontal=True, gap="xsmall", width="content", key=f"end-{part.key}"):
            if catalog.properties:
                icon_button(
                    f"Add property to {part.phrase}",
                    "filter_alt",
                    lambda: part.at("where").append(BLANK_PROPERTY),
                )
            if count > 2:
                remove_button(part)
    column_filters.show_properties(part, step, catalog.properties)


def _show_absent(part: Part, step: JsonObject) -> None:
    """Whether the last step is to have happened, or not to have happened."""
    absent = bool(step.get("absent"))
    select(
        f"{part.label} absent",
        ABSENT,
        absent,
        part.at("absent").edits(absent, lambda is_absent: _with_absent(part, is_absent)),
        format_func=ABSENT.__getitem__,
        width=124,
    )


def _with_step(part: Part) -> Draft:
    """The draft with one more step; an absent step stays the last."""

    def with_step(condition: JsonObject) -> JsonObject:
        *others, last = condition["steps"] or (BLANK_STEP,)
        ends = (BLANK_STEP, last) if last.get("absent") else (last, BLANK_STEP)
        return {**condition, "steps": (*others, *ends)}

    return part.change(with_step)


# The spec leaves out what is usual: a step that happens, and a sequence that was done.
def _with_absent(part: Part, absent: bool) -> Draft:
    return part.change(lambda step: condition_json.with_key(step, "absent", absent or None))


def _with_operator(part: Part, operator: str) -> Draft:
    value = None if operator == "did" else operator
    return part.change(lambda condition: condition_json.with_key(condition, "operator", value))
