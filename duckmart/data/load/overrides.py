"""What the user says of columns where their cells leave a doubt: `--type price=number`, `--null NA`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duckmart.data.load.header import REQUIRED, clean
from duckmart.errors import LoadError, did_you_mean

TYPES = ("text", "number", "decimal_comma", "date", "day_first", "month_first", "yes_no")
TIME_TYPES = ("date", "day_first", "month_first", "seconds", "milliseconds", "microseconds")
"""What the times of events can be said to be."""


@dataclass(frozen=True)
class TypeOverride:
    """The column is of this type, in files of this kind or, without one, wherever it is."""

    column: str
    type: str
    kind: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}.{self.column}" if self.kind else self.column


@dataclass(frozen=True)
class NullMarker:
    """A cell that is this text has no value: in every column, or in this one."""

    text: str
    column: str = ""
    kind: str | None = None

    def __str__(self) -> str:
        name = f"{self.kind}.{self.column}" if self.kind else self.column
        return f"{name}={self.text}" if self.column else self.text


def read_type(word: str) -> TypeOverride:
    """`price=number`, or `users.price=number`. Raises `LoadError`."""
    name, equals, type_ = (part.strip() for part in word.rpartition("="))
    kind, column = column_of(name)
    names = dict.fromkeys((*TYPES, *(TIME_TYPES if column.lower() == "timestamp" else ())))
    if not equals or not column:
        raise LoadError(f"a type is written column=type, not {word!r}; types: {', '.join(names)}")
    if type_ not in names:
        hint = did_you_mean(type_, names) or f"known: {', '.join(names)}"
        raise LoadError(f"{type_!r} is no type of a column ({hint})", column=column)
    return TypeOverride(column, type_, kind)


def read_null(word: str) -> NullMarker:
    """`NA` for every column, `plan=NA` or `users.plan=NA` for one."""
    name, equals, text = word.partition("=")
    if not equals or not name.strip():
        return NullMarker(clean(word))
    kind, column = column_of(name)
    return NullMarker(clean(text), column, kind)


def column_of(name: str) -> tuple[str | None, str]:
    kind, dot, column = clean(name).partition(".")
    return (kind, column) if dot and kind in REQUIRED else (None, clean(name))


def types_of(kind: str, types: Sequence[TypeOverride]) -> dict[str, str]:
    """For each column of a kind, in lower case: its type; that of the kind comes before that of all."""
    ours = sorted((one for one in types if one.kind in (None, kind)), key=lambda one: one.kind is not None)
    return {one.column.lower(): one.type for one in ours}


def markers_of(kind: str, column: str, nulls: Sequence[NullMarker]) -> list[str]:
    """The texts that are no value in this column."""
    return [
        one.text
        for one in nulls
        if one.kind in (None, kind) and one.column.lower() in ("", column.lower()) and one.text
    ]


def refuse_unknown(
    types: Sequence[TypeOverride], nulls: Sequence[NullMarker], columns: Mapping[str, Sequence[str]]
) -> None:
    """Raise `LoadError` for a column that no file has, and for a type that a required column cannot have."""
    overrides: list[TypeOverride | NullMarker] = [*types, *nulls]
    for one in overrides:
        names = [name for kind, some in columns.items() if one.kind in (None, kind) for name in some]
        if one.column and one.column.lower() not in {name.lower() for name in names}:
            hint = did_you_mean(one.column, names) or f"there are: {', '.join(dict.fromkeys(names))}"
            raise LoadError(f"no column is called {one.column!r} ({hint})", column=one.column)
    for override in types:
        name = override.column.lower()
        if name in ("user_id", "event_name") or (name == "timestamp" and override.type not in TIME_TYPES):
            words = f"cannot be {override.type!r}"
            hint = f"one of {', '.join(TIME_TYPES)}" if name == "timestamp" else "leave its type out"
            raise LoadError(f"{words}; {hint}", column=override.column)
