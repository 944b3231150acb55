"""The rows of the builder: each shows one part of the draft and edits it; none holds anything itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, assert_never

import streamlit as st

from duckmart import describe, edit, instants, values
from duckmart.catalog import Catalog, Column
from duckmart.edit import Draft, EventRow, GroupRow, LockedRow, Row, SegmentRow, UserRow
from duckmart.errors import Problem
from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS, Kind, Operator, Takes
from duckmart.segment import (
    ANY_EVENT,
    Condition,
    EventFilter,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)
from duckmart.ui import plain, state

# Days a window may have; 0 stands for all history, as a menu cannot offer None.
WINDOWS = (0, 1, 7, 14, 30, 60, 90, 180, 365)
JOINERS = {"AND": "Match all", "OR": "Match any", "AT_LEAST": "Match at least"}
# Longer lists stay as they are: as chips they would bury the page.
LIST_EDITED = 100
# The largest whole number that a browser holds exactly.
BROWSER_WHOLE = 2**53 - 1
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Notes:
    """What the results say of the rows, by row id: how many users match alone, and what is wrong."""

    alone: Mapping[str, int]
    problems: Mapping[str, Sequence[Problem]]


def show(catalog: Catalog, saved: Mapping[str, str], notes: Notes) -> None:
    """The whole draft as rows; `saved` are the names of the saved segments by their ids."""
    _Rows(catalog, saved, notes).group(state.draft().root, "")


def is_editable(condition: Condition, catalog: Catalog) -> bool:
    """Whether the widgets of a row show a condition in full, and give back the same."""
    match condition:
        case EventFilter():
            plain_count = isinstance(condition.count, int) and condition.count <= BROWSER_WHOLE
            beside = condition.where or condition.time_range or condition.event_name == ANY_EVENT
            return plain_count and not beside and isinstance(condition.event_name, str)
        case UserFilter():
            takes = USER_OPERATORS[condition.operator].takes
            if condition.case_sensitive or takes is Takes.PAIR:
                return False
            cells = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            attribute = catalog.attributes[condition.field]
            own = takes in (Takes.ONE, Takes.LIST)
            return len(cells) <= LIST_EDITED and all(not own or _is_shown(cell, attribute) for cell in cells)
        case SequenceFilter() | SegmentFilter():
            return False
        case _:
            assert_never(condition)


def _is_shown(cell: object, attribute: Column) -> bool:
    match attribute.kind, cell:
        case (Kind.NUMBER, int()):
            return abs(cell) <= BROWSER_WHOLE
        case (Kind.NUMBER, Decimal()):
            return not attribute.whole and Decimal(repr(float(cell))) == cell
        case (Kind.DATE | Kind.TIMESTAMP, str()):
            parsed = instants.parse(cell)
            return not isinstance(parsed, datetime) and EARLIEST <= parsed <= LATEST
        case _:
            return True


class _Rows:
    """Draws rows for one catalog; numbers are paths as people read them: 1, 2, 2.1."""

    def __init__(self, catalog: Catalog, saved: Mapping[str, str], notes: Notes) -> None:
        self.catalog, self.saved, self.notes = catalog, saved, notes

    def group(self, group: GroupRow, number: str) -> None:
        self.group_head(group, number)
        # Each part has a box of its own, so that what comes after it keeps its place when it grows.
        with st.container():
            for position, child in enumerate(group.children, 1):
                with st.container():
                    self.child(group, child, position, f"{number}.{position}".lstrip("."))
            if not group.children:
                st.caption(
                    "Everyone is in. Add a condition to narrow it down."
                    if not number
                    else "Add a condition here."
                )
        self.group_foot(group, number)

    def group_head(self, group: GroupRow, number: str) -> None:
        name = f"Group {number}" if number else "Segment"
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
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
                    min_value=1,
                    max_value=BROWSER_WHOLE,
                    step=1,
                    label_visibility="collapsed",
                    width=76,
                    **_bound(group, "at_least", group.at_least, value=group.at_least),
                )
            st.toggle(
                f"Exclude group {number}" if number else "Exclude",
                help="Turns this group around: everyone else, exactly.",
                **_bound(group, "negate", group.negate, value=group.negate),
            )
            if number:
                self.remove(group, f"Remove group {number}")

    def group_foot(self, group: GroupRow, number: str) -> None:
        where = f" to group {number}" if number else ""
        kinds: dict[str, tuple[type[Row], str]] = {
            f"Add attribute{where}": (UserRow, ":material/person_add:"),
            f"Add event{where}": (EventRow, ":material/bolt:"),
            f"Add group{where}": (GroupRow, ":material/data_object:"),
        }
        if self.saved:
            kinds[f"Add saved segment{where}"] = (SegmentRow, ":material/bookmark:")
        with st.container(horizontal=True, gap="small"):
            for label, (kind, icon) in kinds.items():
                st.button(
                    label,
                    key=f"{group.id}.add.{kind.__name__}",
                    icon=icon,
                    type="tertiary",
                    on_click=state.press(partial(_added, group.id, kind)),
                )

    def child(self, group: GroupRow, row: Row, position: int, number: str) -> None:
        joiner = "where" if position == 1 else JOINED[group.logic_operator]
        if isinstance(row, GroupRow):
            st.html(f'<span class="joiner">{joiner}</span>')
            with st.container(border=True, key=f"group-{row.id}"):
                self.group(row, number)
        else:
            with st.container(horizontal=True, gap="xsmall", key=f"row-{row.id}"):
                st.html(f'<div class="joiner">{joiner}</div>', width=42)
                self.condition(row, number)
                self.row_end(row, number)
        self.findings(row)

    def row_end(self, row: Row, number: str) -> None:
        """How many users the condition holds for alone, and the way out; they wrap together."""
        with st.container(horizontal=True, gap="xsmall", width="content", key=f"end-{row.id}"):
            if row.id in self.notes.alone:
                st.html(
                    f'<div class="lone" title="{ALONE}">{self.notes.alone[row.id]:,}</div>', width="content"
                )
            self.remove(row, f"Remove filter {number}")

    def condition(self, row: Row, number: str) -> None:
        match row:
            case UserRow():
                self.user_row(row, number)
            case EventRow():
                self.event_row(row, number)
            case SegmentRow():
                self.segment_row(row, number)
            case LockedRow():
                with st.container(key=f"locked-{row.id}"):
                    st.markdown(
                        f":material/lock: {plain.markdown(describe.line(row.condition))}", help=LOCKED
                    )
            case GroupRow():
                return
            case _:
                assert_never(row)

    def user_row(self, row: UserRow, number: str) -> None:
        fields = list(self.catalog.attributes)
        st.selectbox(
            f"Filter {number} attribute",
            fields,
            placeholder="Choose an attribute",
            label_visibility="collapsed",
            required=True,
            width=170,
            **state.bind(
                f"{row.id}.field", row.field, partial(self.field_changed, row), _at(fields, row.field)
            ),
        )
        if row.field is None:
            return
        attribute = self.catalog.attributes[row.field]
        suited = [
            operator
            for operator, facts in USER_OPERATORS.items()
            if attribute.kind in facts.kinds and facts.takes is not Takes.PAIR
        ]
        st.selectbox(
            f"Filter {number} operator",
            suited,
            format_func=lambda operator: _label(operator, attribute.kind),
            label_visibility="collapsed",
            required=True,
            width=140,
            **state.bind(
                f"{row.id}.operator.{attribute.name}",
                row.operator,
                partial(_operator_changed, row.id),
                _at(suited, row.operator),
            ),
        )
        _Value(row, attribute, f"Filter {number} value").show()

    def field_changed(self, row: UserRow, name: str | None) -> Draft:
        draft = state.draft()
        if name is None:
            return edit.change(draft, row.id, field=None, value=None)
        return edit.change_field(draft, row.id, name, self.catalog.attributes[name].kind)

    def event_row(self, row: EventRow, number: str) -> None:
        known = self.catalog.events
        names = _with(known, row.event_name)
        st.selectbox(
            f"Filter {number} event",
            names,
            placeholder="Choose an event",
            format_func=lambda name: f"{name} · {known.get(name, 0):,}",
            label_visibility="collapsed",
            required=True,
            width=185,
            **_bound(row, "event_name", row.event_name, **_at(names, row.event_name)),
        )
        operators = [name for name, facts in COUNT_OPERATORS.items() if facts.takes is Takes.ONE]
        st.selectbox(
            f"Filter {number} operator",
            operators,
            format_func=lambda operator: COUNT_OPERATORS[operator].label,
            label_visibility="collapsed",
            required=True,
            width=112,
            **_bound(row, "operator", row.operator, **_at(operators, row.operator)),
        )
        st.number_input(
            f"Filter {number} count",
            min_value=0,
            max_value=BROWSER_WHOLE,
            step=1,
            placeholder="times",
            label_visibility="collapsed",
            required=True,
            width=76,
            **_bound(row, "count", row.count, value=row.count),
        )
        windows = _with(WINDOWS, row.days)
        st.selectbox(
            f"Filter {number} window",
            windows,
            format_func=_window_label,
            accept_new_options=True,
            help="Type a number for any other number of days.",
            label_visibility="collapsed",
            required=True,
            width=156,
            **state.bind(
                f"{row.id}.days", row.days or 0, partial(_window_changed, row), _at(windows, row.days or 0)
            ),
        )

    def segment_row(self, row: SegmentRow, number: str) -> None:
        operators = list(MEMBERSHIP)
        st.selectbox(
            f"Filter {number} operator",
            operators,
            format_func=MEMBERSHIP.__getitem__,
            label_visibility="collapsed",
            required=True,
            width=140,
            **_bound(row, "operator", row.operator, **_at(operators, row.operator)),
        )
        ids = _with(self.saved, row.segment)
        st.selectbox(
            f"Filter {number} saved segment",
            ids,
            placeholder="Choose a saved segment",
            format_func=lambda name: self.saved.get(name, name),
            label_visibility="collapsed",
            required=True,
            **_bound(row, "segment", row.segment, **_at(ids, row.segment)),
        )

    def remove(self, row: Row, label: str) -> None:
        st.button(
            label,
            key=f"icon-remove-{row.id}",
            icon=":material/close:",
            type="tertiary",
            on_click=state.press(lambda: edit.remove(state.draft(), row.id)),
        )

    def findings(self, row: Row) -> None:
        for problem in self.notes.problems.get(row.id, ()):
            hint = f" ({problem.hint})" if problem.hint else ""
            st.caption(f":orange[:material/warning: {plain.markdown(problem.message + hint)}]")
        if isinstance(row, UserRow | EventRow | SegmentRow) and not edit.is_finished(row):
            st.caption(":orange[:material/edit: Not counted yet: finish this row.]")


JOINED = {"AND": "and", "OR": "or", "AT_LEAST": "or"}
MEMBERSHIP = {Operator.IN: "is in", Operator.NOT_IN: "is not in"}
ALONE = "users match this condition alone"
LOCKED = "The builder cannot edit this condition; it stays exactly as it is. Remove it, or edit the JSON."


class _Value:
    """The value's widget, by what the attribute holds and what the operator takes."""

    def __init__(self, row: UserRow, attribute: Column, label: str) -> None:
        self.row, self.attribute, self.label = row, attribute, label
        self.takes = USER_OPERATORS[row.operator].takes

    def show(self) -> None:
        match self.takes, self.attribute.kind:
            case (Takes.NOTHING, _):
                return
            case (Takes.PATTERN, _):
                self.text("A%  (% any text, _ one letter)")
            case (Takes.FRAGMENT, _):
                self.text("any letter case")
            case (Takes.DAYS, _):
                self.days()
            case (Takes.LIST, _):
                self.many()
            case (_, Kind.NUMBER):
                self.number()
            case (_, Kind.DATE | Kind.TIMESTAMP):
                self.day()
            case _:
                self.one()

    def text(self, placeholder: str) -> None:
        shown = self.row.value or ""
        st.text_input(
            self.label,
            placeholder=placeholder,
            label_visibility="collapsed",
            **self.bound(shown, lambda typed: typed or None, value=shown),
        )

    def days(self) -> None:
        st.number_input(
            self.label,
            min_value=1,
            max_value=values.MAX_DAYS,
            step=1,
            placeholder="days",
            label_visibility="collapsed",
            width=96,
            **self.bound(self.row.value, lambda typed: typed, value=self.row.value),
        )

    def one(self) -> None:
        options = _with(self.offered, self.row.value)
        st.selectbox(
            self.label,
            options,
            placeholder="Choose a value",
            format_func=self.caption,
            accept_new_options=not self.attribute.complete,
            label_visibility="collapsed",
            **self.bound(self.row.value, lambda chosen: chosen, **_at(options, self.row.value)),
        )

    def many(self) -> None:
        chosen = list(self.row.value or ())
        st.multiselect(
            self.label,
            _with(self.offered, *chosen),
            placeholder="Choose values" if self.offered else "Type values",
            format_func=self.caption,
            accept_new_options=not self.attribute.complete,
            select_all=False,
            label_visibility="collapsed",
            **self.bound(chosen, self.typed, default=chosen),
        )

    def number(self) -> None:
        whole = self.attribute.whole
        shown = self.row.value if whole or self.row.value is None else float(self.row.value)
        st.number_input(
            self.label,
            min_value=-BROWSER_WHOLE if whole else None,
            max_value=BROWSER_WHOLE if whole else None,
            step=1 if whole else 1.0,
            format=None if whole else "%g",
            placeholder=f"{self.attribute.low} to {self.attribute.high}",
            label_visibility="collapsed",
            **self.bound(shown, lambda typed: None if typed is None else values.number(typed), value=shown),
        )

    def day(self) -> None:
        shown = date.fromisoformat(self.row.value) if self.row.value else None
        st.date_input(
            self.label,
            min_value=EARLIEST,
            max_value=LATEST,
            format="YYYY-MM-DD",
            label_visibility="collapsed",
            **self.bound(shown, lambda picked: picked.isoformat() if picked else None, value=shown),
        )

    @property
    def offered(self) -> list[Any]:
        if self.attribute.kind is Kind.BOOLEAN:
            return [True, False]
        return [value for value, _ in self.attribute.values]

    def caption(self, cell: Any) -> str:
        shown = {True: "yes", False: "no"}.get(cell, cell) if isinstance(cell, bool) else cell
        rows = self.attribute.counts.get(cell)
        return f"{shown} · {rows:,}" if rows is not None else f"{shown}"

    def typed(self, chosen: list[Any]) -> tuple[Any, ...]:
        """The chosen cells as the attribute's kind has them; one that cannot be read is named, not added."""
        read = [(cell, self.read(cell)) for cell in chosen]
        for cell, made in read:
            if made is None:
                st.toast(
                    f"“{plain.markdown(str(cell))}” is not a {self.attribute.kind}, so it was not added",
                    icon=":material/warning:",
                )
        return tuple(dict.fromkeys(made for _, made in read if made is not None))

    def read(self, cell: Any) -> Any:
        if not isinstance(cell, str) or self.attribute.kind is Kind.TEXT:
            return cell
        try:
            if self.attribute.kind is Kind.NUMBER:
                number = values.number(Decimal(cell.replace(",", "")))
                return number if isinstance(number, int) or not self.attribute.whole else None
            return date.fromisoformat(cell).isoformat()
        except (ArithmeticError, ValueError):
            return None

    def bound(self, shown: Any, made: Callable[[Any], Any], **start: Any) -> dict[str, Any]:
        row = self.row.id
        name = f"{row}.value.{self.attribute.name}.{self.takes}"
        return state.bind(
            name, shown, lambda given: edit.change(state.draft(), row, value=made(given)), start
        )


def _bound(row: Row, part: str, shown: Any, **start: Any) -> dict[str, Any]:
    """A widget that shows a part of a row as it is."""
    return state.bind(
        f"{row.id}.{part}", shown, lambda given: edit.change(state.draft(), row.id, **{part: given}), start
    )


def _at(options: Sequence[Any], shown: Any) -> dict[str, int | None]:
    """Where a select box starts."""
    return {"index": options.index(shown) if shown is not None else None}


def _added(group: str, kind: type[Row]) -> Draft:
    return edit.add(state.draft(), group, kind)


def _operator_changed(row: str, operator: Operator) -> Draft:
    return edit.change_operator(state.draft(), row, operator)


def _window_changed(row: EventRow, given: int | str) -> Draft:
    """Days that were picked or typed: 45, "45", "45 days"."""
    digits = given.split()[0] if isinstance(given, str) and given.split() else given
    try:
        days = values.days(int(digits)) if digits else None
    except ValueError:
        st.toast(
            f"“{plain.markdown(str(given))}” is not a number of days from 1 to {values.MAX_DAYS:,}",
            icon=":material/warning:",
        )
        days = row.days
    return edit.change(state.draft(), row.id, days=days)


def _window_label(days: int) -> str:
    if not days:
        return "at any time"
    return "in the last day" if days == 1 else f"in the last {days:,} days"


def _label(operator: Operator, kind: Kind) -> str:
    facts = USER_OPERATORS[operator]
    return (
        facts.dated.removeprefix("is ")
        if facts.dated and kind in (Kind.DATE, Kind.TIMESTAMP)
        else facts.label
    )


def _with(options: Iterable[Any], *chosen: Any) -> list[Any]:
    """The options and whatever is chosen, so that a widget never drops what the draft holds."""
    return list(dict.fromkeys([*options, *(cell for cell in chosen if cell is not None)]))
