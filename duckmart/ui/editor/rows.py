"""The rows of the builder: each shows one part of the draft and edits it, and has no state of its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import shorten
from typing import Any

import streamlit as st

from duckmart.catalog import Catalog
from duckmart.spec import edit, windows
from duckmart.spec.draft import Draft, GroupRow, Row
from duckmart.spec.json_text import Json, JsonObject
from duckmart.ui import formatting
from duckmart.ui.editor import menu
from duckmart.ui.editor.conditions import ConditionEditor
from duckmart.ui.editor.row_widgets import words
from duckmart.ui.session import state
from duckmart.ui.widgets.whole_numbers import ANY_NUMBER, BROWSER_WHOLE, as_float, read_whole
from duckmart.ui.wording import KEYS

JOINERS = {name: KEYS[name] for name in ("AND", "OR", "AT_LEAST")}
JOINING_WORDS = {"AND": "and", "OR": "or", "AT_LEAST": "or"}
# Characters of a condition's sentence in the note of an unfinished row.
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Tally:
    """For how many users a condition holds by itself, and how many have no value for it to compare."""

    matching: int
    unknown: int
    everyone: int

    def __str__(self) -> str:
        words = f"{self.matching:,} of {self.everyone:,} users match this condition alone"
        return f"{words}; {self.unknown:,} have no value" if self.unknown else words


@dataclass(frozen=True, slots=True)
class Notes:
    """What the results say of the rows, by row id.

    `windows` are the dates of a window as of now; `counted_as` says what unfinished rows count as until they
    are finished.
    """

    alone: Mapping[str, Tally]
    windows: Mapping[str, str]
    problems: Mapping[str, Sequence["RowProblem"]]
    counted_as: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row, and the edits that would fix it, by the labels of their buttons."""

    words: str
    repairs: Mapping[str, Callable[[], Draft]]


def show(catalog: Catalog, saved: Mapping[str, str], circular: Collection[str], notes: Notes) -> None:
    """The whole draft as rows; `saved` are the names of the saved segments by their ids.

    `circular` are those that the segment being edited cannot refer to.
    """
    _Rows(catalog, ConditionEditor(catalog, saved, circular), notes, state.draft()).group(
        state.draft().root, ""
    )


class _Rows:
    """Draws the rows of one draft."""

    def __init__(self, catalog: Catalog, conditions: ConditionEditor, notes: Notes, draft: Draft) -> None:
        self.conditions, self.notes = conditions, notes
        self.numbers = draft.root.numbers()
        self.menu = menu.Menu(catalog, draft, self.numbers)

    def group(self, group: GroupRow, number: str) -> None:
        self.group_head(group, number)
        # Each part has a box of its own, so that what comes after it keeps its place when it grows.
        with st.container():
            for position, child in enumerate(group.children, 1):
                with st.container():
                    self.child(group, child, position, self.numbers[child.id])
            if not group.children:
                st.caption(
                    "Everyone is in. Add a condition to narrow it down."
                    if not number
                    else "Add a condition here."
                )
        self.group_foot(group, number)

    def group_head(self, group: GroupRow, number: str) -> None:
        name = f"Group {number}" if number else "Segment"
        with st.container(
            horizontal=True, vertical_alignment="center", gap="medium", key=f"matching-{group.id}"
        ):
            st.segmented_control(
                f"{name} match",
                list(JOINERS),
                required=True,
                format_func=JOINERS.__getitem__,
                label_visibility="collapsed",
                **state.bind(
                    f"{group.id}.logic_operator",
                    group.logic_operator,
                    lambda joiner: edit.change_joiner(state.draft(), group.id, joiner),
                    {"default": group.logic_operator},
                ),
            )
            if group.at_least is not None:
                st.number_input(
                    f"{name} at least",
                    label_visibility="collapsed",
                    width=76,
                    **ANY_NUMBER,
                    **_at_least(group, min(group.at_least, BROWSER_WHOLE)),
                )
                if (required := group.required) != group.at_least:
                    st.caption(
                        f":orange[:material/info: {required} while rows are left out]", width="content"
                    )
            st.toggle(
                f"Exclude group {number}" if number else "Exclude",
                help="Turns this group around: everyone else, exactly.",
                **_bind(group, "negate", group.negate),
            )
            if number:
                self.row_end(group, number, "group")

    def group_foot(self, group: GroupRow, number: str) -> None:
        where = f" to group {number}" if number else ""
        kinds = {
            f"Add attribute{where}": ("user_filters", ":material/person_add:"),
            f"Add event{where}": ("event_filters", ":material/bolt:"),
            f"Add sequence{where}": ("sequence_filters", ":material/conversion_path:"),
            f"Add group{where}": ("groups", ":material/data_object:"),
        }
        if self.conditions.segments:
            kinds[f"Add saved segment{where}"] = ("segment_filters", ":material/bookmark:")
        with st.container(horizontal=True, gap="small"):
            for label, (key, icon) in kinds.items():
                st.button(
                    label,
                    key=f"{group.id}.add.{key}",
                    icon=icon,
                    type="tertiary",
                    on_click=state.press(partial(_with_row, group.id, key)),
                )

    def child(self, group: GroupRow, row: Row, position: int, number: str) -> None:
        joiner = "where" if position == 1 else JOINING_WORDS[group.logic_operator]
        if isinstance(row, GroupRow):
            st.html(f'<span class="joiner">{joiner}</span>')
            with st.container(border=True, key=f"{'muted' if row.muted else 'group'}-{row.id}"):
                self.group(row, number)
        else:
            label = f"Filter {number}"
            # The style sheet finds containers by the prefixes of their keys: row, muted, group, end.
            kind = "muted" if row.muted else "row"
            with st.container(horizontal=True, gap="xsmall", key=f"{kind}-{row.id}"):
                words(joiner, 42)
                self.conditions.show(row, label)
                # The results know the window that counts; what an unfinished row says may be another.
                if row.id in self.notes.windows and _window(row.condition) == _window(row.complete):
                    st.html(f'<div class="when">{self.notes.windows[row.id]}</div>', width="content")
                self.row_end(row, number, "filter")
            self.conditions.show_below(row, label)
        self.findings(row)

    def row_end(self, row: Row, number: str, what: str) -> None:
        """The count of a row alone, its menu, and Remove: in one container, so that they wrap together."""
        with st.container(horizontal=True, gap="xsmall", width="content", key=f"end-{row.id}"):
            if (tally := self.notes.alone.get(row.id)) is not None:
                st.html(_tally(tally), width="content")
            self.menu.show(row, f"More for {what} {number}")
            st.button(
                f"Remove {what} {number}",
                key=f"icon-remove-{row.id}",
                icon=":material/close:",
                type="tertiary",
                on_click=state.press(lambda: edit.remove(state.draft(), row.id)),
            )

    def findings(self, row: Row) -> None:
        for place, problem in enumerate(self.notes.problems.get(row.id, ())):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.caption(
                    f":orange[:material/warning: {formatting.markdown(problem.words)}]", width="content"
                )
                for label, repair in problem.repairs.items():
                    st.button(
                        formatting.markdown(label),
                        key=f"repair-{row.id}.{place}.{label}",
                        icon=":material/build:",
                        type="tertiary",
                        on_click=state.press(repair),
                    )
        if row.muted:
            st.caption(":material/visibility_off: Muted: kept here, not counted and not in the JSON.")
        elif not row.is_complete:
            st.caption(f":orange[:material/edit: {self.unfinished_words(row)}]")

    def unfinished_words(self, row: Row) -> str:
        if isinstance(row, GroupRow):
            return "Not counted yet: add a condition to this group, or remove it."
        if row.last is None:
            return "Not counted yet: finish this row."
        sentence = self.notes.counted_as.get(row.id)
        before = (
            f" “{formatting.markdown(shorten(sentence, LONGEST, placeholder='…'))}”"
            if sentence
            else " before the edit"
        )
        return f"Your change is not applied yet: finish this row. It counts as it was:{before}."


def _window(condition: JsonObject | None) -> list[Json]:
    """What a condition says of its window."""
    return [(condition or {}).get(key) for key in windows.KEYS]


def _tally(tally: Tally) -> str:
    """The count, over a bar of the users that match, do not match, and have no value."""
    share = 100 / tally.everyone if tally.everyone else 0
    return (
        f'<div class="lone" title="{tally}" role="img" aria-label="{tally}">{tally.matching:,}'
        f'<div><i style="width:{tally.matching * share:.1f}%"></i>'
        f'<u style="width:{tally.unknown * share:.1f}%"></u></div></div>'
    )


def _at_least(group: GroupRow, value: int) -> dict[str, Any]:
    return state.bind(
        f"{group.id}.at_least",
        value,
        read_whole(lambda count: edit.change_group(state.draft(), group.id, at_least=count)),
        {"value": as_float(value)},
    )


def _bind(group: GroupRow, key: str, value: int | bool) -> dict[str, Any]:
    return state.bind(
        f"{group.id}.{key}",
        value,
        lambda entry: edit.change_group(state.draft(), group.id, **{key: entry}),
        {"value": value},
    )


def _with_row(group: str, key: str) -> Draft:
    return edit.add(state.draft(), group, key)
