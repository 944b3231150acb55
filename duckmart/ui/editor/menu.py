"""A menu for each row with its rarer actions, so that the row itself stays short."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import streamlit as st

from duckmart.catalog import Catalog, Column
from duckmart.spec import condition_json, edit
from duckmart.spec.draft import BLANK_PROPERTY, ConditionRow, Draft, GroupRow, Row
from duckmart.spec.json_text import JsonObject
from duckmart.spec.kinds import Kind
from duckmart.spec.measures import MEASURES, Gives, Measure
from duckmart.spec.operators import USER_OPERATORS, Operator, Takes
from duckmart.spec.paths import Path
from duckmart.ui.editor import column_filters, paste_values
from duckmart.ui.session import state
from duckmart.ui.widgets.binding import Part

Edit = Callable[[Draft], Draft]


class Menu:
    """Menus of the rows of one draft."""

    def __init__(self, catalog: Catalog, draft: Draft, numbers: Mapping[str, str]) -> None:
        """`numbers` are what the page calls the rows, by their ids."""
        self.catalog, self.numbers = catalog, numbers
        self.groups = [row for row in (draft.root, *draft.root.rows()) if isinstance(row, GroupRow)]
        self.parents = {child.id: group for group in self.groups for child in group.children}

    def show(self, row: Row, label: str) -> None:
        key = f"icon-more-{row.id}"
        entries = dict(self._entries(row))
        st.menu_button(
            label,
            list(entries),
            key=key,
            icon=":material/more_horiz:",
            type="tertiary",
            on_click=lambda: _act(key, entries),
        )

    def _entries(self, row: Row) -> Iterator[tuple[str, Edit]]:
        """Labels and their edits."""
        if isinstance(row, ConditionRow):
            yield from self._of_condition(row)
        yield "Duplicate", lambda draft: edit.duplicate(draft, row.id)
        yield (
            "Count again" if row.muted else "Mute",
            lambda draft: edit.mute(draft, row.id, muted=not row.muted),
        )
        # The spec keeps a list for each kind of condition, so rows change places within their kind.
        siblings = [child for child in self.parents[row.id].children if child.key == row.key]
        if siblings[0] != row:
            yield "Move up", lambda draft: edit.shift(draft, row.id, -1)
        if siblings[-1] != row:
            yield "Move down", lambda draft: edit.shift(draft, row.id, 1)
        # A group cannot go into itself.
        inside = {row.id, *(child.id for child in row.rows())} if isinstance(row, GroupRow) else set()
        for group in self.groups:
            if group.id not in inside and group != self.parents[row.id]:
                number = self.numbers.get(group.id)
                name = f"group {number}" if number else "the segment"
                yield f"Move to {name}", partial(edit.move, row=row.id, group=group.id)

    def _of_condition(self, row: ConditionRow) -> Iterator[tuple[str, Edit]]:
        match row.key:
            case "user_filters":
                yield from self._of_attribute(row)
            case "event_filters":
                yield from self._of_event(row)
                yield from self._of_properties(row, row.condition, ())
            case "sequence_filters":
                for place, step in enumerate(row.condition["steps"]):
                    yield from self._of_properties(row, step, ("steps", place))

    def _of_attribute(self, row: ConditionRow) -> Iterator[tuple[str, Edit]]:
        condition, column = row.condition, self.catalog.attributes.get(row.condition["field"] or "")
        if column is None:
            return
        takes = USER_OPERATORS[Operator(condition["operator"])].takes
        part = Part(row.id, "")
        yield from _other_field(part, condition, column, self.catalog.attributes, "")
        if column.kind.is_text or column.kind.is_number:
            yield "Paste or upload a list…", lambda draft: paste_values.open_for(draft, row.id)
        if takes is Takes.FRAGMENT:
            yield _letter_case(part, condition)
        if column.kind.has_time and takes is Takes.ONE and _is_day(condition.get("value")):
            yield (
                "With a time of day",
                lambda _: part.change(lambda one: {**one, "value": f"{one['value']}T00:00:00Z"}),
            )

    def _of_properties(self, row: ConditionRow, events: JsonObject, path: Path) -> Iterator[tuple[str, Edit]]:
        """For each property that events must have: compare it with another one, or with a value again."""
        step = f"step {int(path[1]) + 1}: " if path else ""
        for place, condition in enumerate(events.get("where", ())):
            column = self.catalog.properties.get(condition["field"] or "")
            if column is not None:
                part = Part(row.id, "", (*path, "where", place))
                of = f"{step}property {place + 1}"
                yield from _other_field(part, condition, column, self.catalog.properties, of)

    def _of_event(self, row: ConditionRow) -> Iterator[tuple[str, Edit]]:
        condition, part = row.condition, Part(row.id, "")
        measure, of = condition_json.measure_of(condition)
        if MEASURES[measure].is_plain_count and "than" not in condition:
            yield (
                "Measure something else",
                lambda _: part.change(
                    lambda one: condition_json.with_measure(one, Measure.ACTIVE_DAYS, None, Kind.NUMBER)
                ),
            )
        yield self._comparison(part, condition)
        if self.catalog.properties:
            yield "Only events with a property", lambda _: part.at("where").append(BLANK_PROPERTY)
        if self.catalog.properties and "than" in condition:
            where = part.at("than", "where")
            yield "Only other events with a property", lambda _: where.append(BLANK_PROPERTY)
        names = condition["event_name"]
        if names is None or isinstance(names, str):
            yield "Several events", lambda _: part.at("event_name").say((names,) if _is_one(names) else ())
        else:
            yield "One event", lambda _: part.at("event_name").say(names[0] if names else None)
        column = self.catalog.properties.get(of or "")
        operators = MEASURES[measure].operators
        if operators is not USER_OPERATORS or column is None:
            return
        if USER_OPERATORS[Operator(condition["operator"])].takes is Takes.FRAGMENT:
            yield _letter_case(part, condition)

    def _comparison(self, part: Part, condition: JsonObject) -> tuple[str, Edit]:
        """The entry that compares a measure with another one, or with a number again."""
        measure, of = condition_json.measure_of(condition)
        column = self.catalog.properties.get(of or "")
        kind = column.kind if column else None
        row = MEASURES[measure]
        if "than" in condition:
            kind = kind if row.gives is Gives.VALUE else Kind.NUMBER
            return "Compare with a number", lambda _: part.change(
                lambda one: condition_json.without_than(one, kind)
            )
        is_number = row.gives is not Gives.VALUE or (kind is not None and kind.is_number)
        return "Compare with another measure", lambda _: part.change(
            lambda one: condition_json.with_than(one, is_number=is_number)
        )


@state.atomic
def _act(key: str, entries: dict[str, Edit]) -> None:
    entry = state.widget_value(key)
    if entry in entries:
        state.commit(entries[entry](state.draft()))


def _other_field(
    part: Part, condition: JsonObject, column: Column, columns: Mapping[str, Column], of: str
) -> Iterator[tuple[str, Edit]]:
    """The entry that turns from comparing with a value to comparing with another column, and back.

    `of` is what the page calls a property; an attribute is the row itself, which needs no name.
    """
    words = f"Compare {of} with" if of else "Compare with"
    noun = "property" if of else "attribute"
    if "other_field" in condition:
        yield f"{words} a value", lambda _: part.change(condition_json.with_other_field)
    elif column_filters.comparable(column, columns):
        yield f"{words} another {noun}", lambda _: part.change(condition_json.with_other_field)


def _letter_case(part: Part, condition: JsonObject) -> tuple[str, Edit]:
    """The entry that turns comparing by letter case on or off."""
    exact = None if condition.get("case_sensitive") else True
    words = "Match letter case" if exact else "Ignore letter case"
    return words, lambda _: part.change(lambda one: condition_json.with_key(one, "case_sensitive", exact))


def _is_one(names: object) -> bool:
    return isinstance(names, str) and names != "*"


def _is_day(value: object) -> bool:
    # A time is longer.
    return isinstance(value, str) and len(value) == len("2026-11-22")
