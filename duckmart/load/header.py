"""The first line of a file: how its cells are set apart, and which columns it names."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import compile as pattern

from duckmart.errors import LoadError, did_you_mean

REQUIRED = {"users": ("user_id",), "events": ("user_id", "event_name", "timestamp")}

# Python's own limit of 131,072 characters would refuse long values; DuckDB's, of a line, is what holds.
csv.field_size_limit(2**31 - 1)

DATA = pattern(
    r"[-+]?\d+([.,]\d+)*"  # a number
    r"|\d{1,4}([-/.])\d{1,2}\2\d{1,4}([T ].*)?"  # a date or a time
    r"|\S+@\S+\.\S+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|true|false"
)
"""What is a value wherever it stands, and hardly the name of a column."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV file sets its cells apart."""

    delimiter: str = ","
    quote: str = '"'

    def cells(self, lines: Iterable[str], *, strict: bool = False) -> list[list[str]]:
        return list(csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=strict))


DELIMITERS = (",", ";", "\t", "|")


def dialect(lines: Sequence[str], wanted: Iterable[str]) -> Dialect:
    """The dialect under which most of the wanted names are in the header, and most rows are as long as it."""
    names = {name.casefold() for name in wanted}

    def suits(candidate: Dialect) -> tuple[int, bool, int]:
        header, *rows = candidate.cells(lines) or [[]]
        known = sum(clean(cell).casefold() in names for cell in header)
        alike = sum(len(row) == len(header) for row in rows)
        return known, len(header) > 1 and alike * 2 >= len(rows), len(header)

    quote = "'" if all_in_single_quotes(lines[0]) else '"'
    return max((Dialect(delimiter, quote) for delimiter in DELIMITERS), key=suits)


def all_in_single_quotes(line: str) -> bool:
    return any(
        all(len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in line.strip().split(delimiter))
        for delimiter in DELIMITERS
    )


def header_cells(path: Path, line: bytes, number: int, found: Dialect) -> list[str]:
    """The cells of the header line, cleaned. Raises `LoadError`."""
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise LoadError("the header is not UTF-8; save the file as UTF-8", file=path, line=number) from error
    try:
        (cells,) = found.cells([text], strict=True)
    except (csv.Error, ValueError) as error:
        raise LoadError("the quotes in the header do not pair up", file=path, line=number) from error
    return [clean(cell) for cell in cells]


def clean(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def refuse_data(path: Path, found: Sequence[str], wanted: Iterable[str]) -> None:
    """Raise `LoadError` where the first row names nothing that is wanted, but holds values."""
    names = {name.casefold() for name in wanted}
    if any(cell.casefold() in names for cell in found):
        return
    values = [cell for cell in found if DATA.fullmatch(cell)]
    if values:
        words = f"the first row is no header but looks like data ({values[0]!r}); add a line of column names"
        raise LoadError(words, file=path, line=1)


def known_names(
    path: Path, found: Sequence[str], required: Sequence[str], renames: Mapping[str, str]
) -> tuple[str, ...]:
    """The names to use; a required one may be written in any case. Raises `LoadError`."""
    mapped = [renames.get(name, name) for name in found]
    names = tuple(name.lower() if name.lower() in required else name for name in mapped)
    if "" in names:
        raise LoadError("a column without a name", file=path, column=f"{names.index('') + 1}")
    seen: dict[str, str] = {}
    for header, name in zip(found, names, strict=True):
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise LoadError("a column name holds a control character", file=path, column=name)
        if name.lower() in seen:
            raise LoadError(alike(seen[name.lower()], header, name, renames), file=path, column=name)
        seen[name.lower()] = header
    for name in required:
        if name not in names:
            raise LoadError(missing(name, names, renames), file=path, column=name)
    return names


def alike(first: str, second: str, name: str, renames: Mapping[str, str]) -> str:
    if first in renames or second in renames:
        other = second if first in renames else first
        hint = f"give the column {other!r} another name too: --map other_name={other}"
        return f"by the mapping both {first!r} and {second!r} are {name!r}; {hint}"
    return f"two columns are named alike ({first!r} and {second!r})"


def missing(name: str, names: Sequence[str], renames: Mapping[str, str]) -> str:
    words = f"this required column is missing; found: {', '.join(names)}"
    if hint := did_you_mean(name, renames.values()):
        other = hint.removeprefix("did you mean ").rstrip("?")
        return f"{words}. Is the {other} of the mapping meant to be it?"
    if hint := did_you_mean(name, names):
        header = hint.removeprefix("did you mean ").rstrip("?")
        return f"{words}. Is it {header}? Then add --map {name}={header.split(' or ')[0][1:-1]}"
    return f"{words}. If one of these is it, say so: --map {name}=..."
