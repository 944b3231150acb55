"""Part of a row: its path in the draft, its label, and the edits that its widget makes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duckmart.spec import edit
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json
from duckmart.spec.paths import Path
from duckmart.ui.session import state


@dataclass(frozen=True, slots=True)
class Part:
    """What a condition says at `path`; `label` begins the names of its widgets: `Filter 1.2`."""

    row: str
    label: str
    path: Path = ()

    def at(self, *steps: str | int, label: str = "") -> "Part":
        return Part(self.row, f"{self.label} {label}".rstrip(), (*self.path, *steps))

    @property
    def phrase(self) -> str:
        """The label within a sentence: `filter 1.2`."""
        return f"{self.label[0].lower()}{self.label[1:]}"

    @property
    def key(self) -> str:
        return ".".join(map(str, (self.row, *self.path)))

    def say(self, value: Json) -> Draft:
        return edit.set_value(state.draft(), self.row, self.path, value)

    def unsay(self) -> Draft:
        return edit.remove_value(state.draft(), self.row, self.path)

    def append(self, value: Json) -> Draft:
        return edit.append(state.draft(), self.row, self.path, value)

    def change(self, change: Callable[[Json], Json]) -> Draft:
        return edit.change(state.draft(), self.row, self.path, change)

    def shows(
        self,
        current: Any,
        read: Callable[[Any], Json] = lambda entry: entry,
        *,
        kind: str = "",
        **start: Any,
    ) -> dict[str, Any]:
        """Bind a widget to the part: it shows `current`, and an edit writes `read(entry)`.

        `kind` tells apart the widgets that alternate in one place; `start` are the widget's own arguments.
        """
        return self.edits(current, lambda entry: self.say(read(entry)), kind=kind, **start)

    def edits(
        self, current: Any, edit_with: Callable[[Any], Draft], *, kind: str = "", **start: Any
    ) -> dict[str, Any]:
        """Like `shows`, for an edit that does more than write the value: `edit_with(entry)` is the draft."""
        return state.bind(f"{self.key}:{kind}", current, edit_with, start)


def at(options: Sequence[Any], current: Any) -> dict[str, Any]:
    """The argument that makes a select box start at an option."""
    return {"index": options.index(current) if current is not None else None}


def with_chosen(options: Iterable[Any], *chosen: Any) -> list[Any]:
    """The options and the draft's own values: a widget drops a value that is not among its options."""
    return list(dict.fromkeys([*options, *(cell for cell in chosen if cell is not None)]))
