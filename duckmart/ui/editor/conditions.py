"""The widgets of one condition: a sentence that can be clicked, from what it is about to when it happened.

ConditionEditor -> column_filters  a column, an operator, a value
                -> event_filters   events, what is measured of them, a window
                -> sequences       steps, one after the other
                and saved segments, here
"""

from collections.abc import Collection, Mapping

import streamlit as st

from duckmart.catalog import Catalog
from duckmart.spec.draft import ConditionRow
from duckmart.spec.json_text import JsonObject
from duckmart.ui.editor import column_filters, event_filters, measure_pairs, sequences
from duckmart.ui.editor.row_widgets import select
from duckmart.ui.widgets.binding import Part

MEMBERSHIP = {"in": "is in", "not_in": "is not in"}


class ConditionEditor:
    """Draws conditions with what the data and the library of saved segments offer."""

    def __init__(self, catalog: Catalog, saved: Mapping[str, str], circular: Collection[str]) -> None:
        """`saved` are names by id; `circular` are the ids that the segment being edited cannot refer to."""
        self.catalog, self.saved = catalog, saved
        self.segments = [name for name in saved if name not in circular]

    def show(self, row: ConditionRow, label: str) -> None:
        """The widgets of a row; `label` begins their names: `Filter 1.2`."""
        part = Part(row.id, label)
        match row.key:
            case "user_filters":
                column_filters.show(part, row.condition, self.catalog.attributes, "attribute")
            case "event_filters":
                event_filters.show(part, row.condition, self.catalog)
            case "sequence_filters":
                sequences.show(part, row.condition, self.catalog)
            case _:
                self._saved_segment(part, row.condition)

    def show_below(self, row: ConditionRow, label: str) -> None:
        """What stands in lines of its own: the steps of a sequence, the properties of an event."""
        part = Part(row.id, label)
        match row.key:
            case "event_filters":
                column_filters.show_properties(part, row.condition, self.catalog.properties)
                if "than" in row.condition:
                    measure_pairs.show_other(part, row.condition, self.catalog)
            case "sequence_filters":
                with st.container(key=f"steps-{row.id}", gap="xsmall"):
                    sequences.show_steps(part, row.condition["steps"], self.catalog)

    def _saved_segment(self, part: Part, condition: JsonObject) -> None:
        operator, segment = str(condition["operator"]), condition["segment"]
        select(
            f"{part.label} operator",
            MEMBERSHIP,
            operator,
            part.at("operator").shows(operator),
            format_func=MEMBERSHIP.__getitem__,
            width=140,
        )
        select(
            f"{part.label} saved segment",
            self.segments,
            segment,
            part.at("segment").shows(segment),
            placeholder="Choose a saved segment",
            # A segment that was deleted since has no name here.
            format_func=lambda name: self.saved.get(name, name),
        )
