"""One row per kind of column: its values in JSON and SQL, its first operator, its widget, its chart.

A new kind is a row in `KINDS`. Operators and measures suit a kind by its properties, not by its name. Only an
engine says which of its types are of which kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from duckmart import instants
from duckmart.errors import phrase


class Input(StrEnum):
    """The widget in which one value is entered."""

    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class Bars(StrEnum):
    """What each bar of a column's chart stands for."""

    VALUES = "values"
    WIDTHS = "widths"  # ranges of numbers, equally wide
    MONTHS = "months"  # or years


# There is one object per kind, compared by identity.
@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What a column holds. It comes from the catalog, never from a value: "2026-11-22" may be a text.

    `cells` are the JSON types of its values. For any other value there is `advice`, in which `{value}` stands
    for it, and `advice_on_text` where a text needs other words. `literal` turns a value of the JSON into the
    one that SQL compares. `operator` is that of a new condition. Where a cell is a list, `element` is the
    kind of what is in it, and a value of the JSON is one of those.
    """

    name: str
    cells: tuple[type, ...]
    advice: str
    operator: str
    input: Input
    bars: Bars
    advice_on_text: str = ""
    literal: Callable[[Any], Any] = lambda cell: cell
    # Whether its values can be more or less than others.
    is_ordered: bool = False
    is_number: bool = False
    is_text: bool = False
    is_boolean: bool = False
    # Whether it holds days; with `has_time`, moments in them.
    is_dated: bool = False
    has_time: bool = False
    # Whether the catalog lists its values, or the elements of its lists.
    is_listed: bool = False
    element: Kind | None = None

    NUMBER: ClassVar[Kind]
    TEXT: ClassVar[Kind]
    DATE: ClassVar[Kind]
    TIMESTAMP: ClassVar[Kind]
    BOOLEAN: ClassVar[Kind]
    TEXT_LIST: ClassVar[Kind]
    NUMBER_LIST: ClassVar[Kind]

    def __str__(self) -> str:
        return self.name

    def holds(self, cell: object) -> bool:
        """Whether a plain value of JSON is of this kind."""
        # Not isinstance: in Python, True is an int, but it is no number in JSON.
        return type(cell) in self.cells

    def advice_for(self, cell: object, text: str) -> str:
        """What to write instead of a value of another kind; `text` is the value as the user wrote it."""
        on_text = self.advice_on_text if isinstance(cell, str) else ""
        return phrase(on_text or self.advice, value=text)


Kind.NUMBER = Kind(
    "number",
    cells=(int, Decimal),
    advice="write a number",
    advice_on_text="write the number without quotes",
    operator="gte",
    input=Input.NUMBER,
    bars=Bars.WIDTHS,
    is_ordered=True,
    is_number=True,
)
Kind.TEXT = Kind(
    "text",
    cells=(str,),
    advice='write it in double quotes: "{value}"',
    operator="in",
    input=Input.CHOICE,
    bars=Bars.VALUES,
    is_text=True,
    is_listed=True,
)
Kind.DATE = Kind(
    "date",
    cells=(str,),
    advice='write a date in double quotes: "2026-11-22"',
    operator="gte",
    input=Input.DATE,
    bars=Bars.MONTHS,
    literal=instants.parse,
    is_ordered=True,
    is_dated=True,
)
Kind.TIMESTAMP = replace(Kind.DATE, name="timestamp", has_time=True)
Kind.BOOLEAN = Kind(
    "boolean",
    cells=(bool,),
    advice="write true or false, without quotes",
    operator="eq",
    input=Input.CHOICE,
    bars=Bars.VALUES,
    is_boolean=True,
)


def _list_of(element: Kind) -> Kind:
    return Kind(
        f"{element.name} list",
        cells=element.cells,
        advice=element.advice,
        advice_on_text=element.advice_on_text,
        operator="contains_any",
        input=Input.CHOICE,
        bars=Bars.VALUES,
        literal=element.literal,
        is_listed=True,
        element=element,
    )


Kind.TEXT_LIST = _list_of(Kind.TEXT)
Kind.NUMBER_LIST = _list_of(Kind.NUMBER)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind.NUMBER,
        Kind.TEXT,
        Kind.DATE,
        Kind.TIMESTAMP,
        Kind.BOOLEAN,
        Kind.TEXT_LIST,
        Kind.NUMBER_LIST,
    )
}


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that something suits, by a property of theirs, so that a new kind is among them."""

    suits: Callable[[Kind], bool]

    def __contains__(self, kind: Kind) -> bool:
        return self.suits(kind)


ALL_KINDS = Kinds(lambda _: True)
SINGLE_VALUES = Kinds(lambda kind: kind.element is None)
LISTS = Kinds(lambda kind: kind.element is not None)
ORDERABLE = Kinds(lambda kind: kind.is_ordered)
DATES = Kinds(lambda kind: kind.is_dated)
NUMBERS = Kinds(lambda kind: kind.is_number)
TEXTS = Kinds(lambda kind: kind.is_text)
