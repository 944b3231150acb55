"""A part of a row, and the widget that shows it: where it is in the draft, and what it is called."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duckmart.spec import edit
from duckmart.spec.edit import Draft
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
    def called(self) -> str:
        """What the page calls it within a sentence: `filter 1.2`."""
        return f"{self.label[0].lower()}{self.label[1:]}"

    @property
    def key(self) -> str:
        return ".".join(map(str, (self.row, *self.path)))

    def say(self, value: Json) -> Draft:
        return edit.say(state.draft(), self.row, self.path, value)

    def unsay(self) -> Draft:
        return edit.unsay(state.draft(), self.row, self.path)

    def append(self, value: Json) -> Draft:
        return edit.append(state.draft(), self.row, self.path, value)

    def change(self, made: Callable[[Json], Json]) -> Draft:
        return edit.change(state.draft(), self.row, self.path, made)

    def shows(
        self, shown: Any, made: Callable[[Any], Json] = lambda given: given, *, kind: str = "", **start: Any
    ) -> dict[str, Any]:
        """Ties a widget to the part: it shows `shown`, and an edit says `made(value)`.

        `kind` tells widgets apart that take turns in one place; `start` is what the widget starts with.
        """
        return self.edits(shown, lambda given: self.say(made(given)), kind=kind, **start)

    def edits(
        self, shown: Any, edited: Callable[[Any], Draft], *, kind: str = "", **start: Any
    ) -> dict[str, Any]:
        """As `shows`, for an edit that is more than to say the value."""
        return state.bind(f"{self.key}:{kind}", shown, edited, start)


def at(options: Sequence[Any], shown: Any) -> dict[str, Any]:
    """Where a select box starts."""
    return {"index": options.index(shown) if shown is not None else None}


def with_chosen(options: Iterable[Any], *chosen: Any) -> list[Any]:
    """The options and whatever is chosen, so that a widget never drops what the draft holds."""
    return list(dict.fromkeys([*options, *(cell for cell in chosen if cell is not None)]))
