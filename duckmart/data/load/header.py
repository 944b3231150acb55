"""The header of a file: which lines it has, how its cells are set apart, and which columns it names."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import compile as pattern
from shlex import quote

from duckmart.errors import LoadError, nearest

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
SAMPLE = 20
"""Lines that are looked at to tell how cells are set apart."""
TITLES = 20
"""Lines above the header at most, blank ones not counted; and lines that a header has at most."""
SEPARATOR = pattern(r'"?sep=([^\w"\s]|\t)"?[,;\t|]*\s*')
"""The first line of files that Excel is to read: how their cells are set apart."""


@dataclass(frozen=True)
class Header:
    """The cells of a header, as written and as the names of columns; and its last line, counted from 1.

    `titles` are the lines above it, blank ones and a `sep=;` left out.
    """

    texts: tuple[str, ...]
    dialect: Dialect
    line: int
    titles: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(clean(text) for text in self.texts)


def read_header(path: Path, content: Sequence[bytes], names: Iterable[str]) -> Header:
    """Find the header in the first lines of a file. Raises `LoadError`."""
    lines = [
        line.decode("utf-8-sig" if number == 0 else "utf-8", "replace") for number, line in enumerate(content)
    ]
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    separator = SEPARATOR.fullmatch(lines[numbers[0]]) if numbers else None
    start, *more = (numbers[1:] if separator else numbers) or [-1]
    if start < 0:
        raise LoadError("the file is empty: not even a header", file=path)
    delimiters = (separator[1],) if separator else DELIMITERS
    place = header_place(lines, [start, *more], names, delimiters)
    form = dialect([lines[number] for number in [start, *more] if number >= place], names, delimiters)
    texts, last = header_cells(path, content, place, form)
    rows = form.cells(line for line in lines[last:] if line.strip())
    titles = tuple(lines[number].strip() for number in [start, *more] if number < place)
    return Header(tuple(without_trailing(texts, rows)), form, last, titles)


def header_place(
    lines: Sequence[str], numbers: Sequence[int], names: Iterable[str], delimiters: Sequence[str]
) -> int:
    """The line (from 0) with most of the wanted names; if none has one, the first that is no title."""
    unique = set(names)
    tops = [
        (place, [lines[number] for number in numbers[rank:]]) for rank, place in enumerate(numbers[:TITLES])
    ]
    scores = {place: suitability(dialect(rest, unique, delimiters), rest, unique)[0] for place, rest in tops}
    best = max(scores, key=lambda place: scores[place])
    if scores[best]:
        return best
    return next((place for place, rest in tops if not is_title(rest, unique, delimiters)), numbers[0])


def is_title(lines: Sequence[str], names: set[str], delimiters: Sequence[str]) -> bool:
    """Whether at most half as many cells are filled in the first line as in a header below it."""
    if lines[0].count('"') % 2:
        return False  # a header over several lines, or one whose quotes do not pair up
    for below in range(1, min(len(lines), TITLES)):
        form = dialect(lines[below:], names, delimiters)
        _, alike, columns = suitability(form, lines[below:], names)
        (first,) = form.cells(lines[:1]) or [[]]
        if alike and columns > 2 and 2 * sum(map(bool, map(str.strip, first))) <= columns:
            return True
    return False


def without_trailing(texts: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The cells without empty ones at the end, where no row has a value there either."""
    width = max((place for place, text in enumerate(texts, start=1) if text.strip()), default=0)
    values = any(cell.strip() for row in rows for cell in row[width:])
    return texts if width == 0 or values else texts[:width]


def dialect(lines: Sequence[str], names: Iterable[str], delimiters: Sequence[str] = DELIMITERS) -> Dialect:
    """The dialect under which most of the wanted names are in the header, and most rows are as long as it."""
    unique = set(names)
    sample = lines[: 1 + SAMPLE]
    quote = "'" if all_in_single_quotes(lines[0]) else '"'
    return max(
        (Dialect(delimiter, quote) for delimiter in delimiters),
        key=lambda candidate: suitability(candidate, sample, unique),
    )


def suitability(candidate: Dialect, lines: Sequence[str], names: Iterable[str]) -> tuple[int, bool, int]:
    """How many wanted names the header has, whether most rows are as long as it, how many cells it has."""
    folded = {name.casefold() for name in names}
    header, *rows = candidate.cells(lines[: 1 + SAMPLE]) or [[]]
    matches = sum(clean(cell).casefold() in folded for cell in header)
    alike = sum(len(row) == len(header) for row in rows)
    return matches, len(header) > 1 and alike * 2 >= len(rows), len(header)


def all_in_single_quotes(line: str) -> bool:
    return any(
        all(len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in line.strip().split(delimiter))
        for delimiter in DELIMITERS
    )


def header_cells(path: Path, content: Sequence[bytes], place: int, form: Dialect) -> tuple[list[str], int]:
    """The cells of the header that starts at `place` (from 0), and its last line. Raises `LoadError`."""
    for last in range(place + 1, min(len(content), place + TITLES) + 1):
        cells = one_record(header_text(path, content, place, last), form)
        inside = [
            one_record(header_text(path, content, number, number + 1), form)
            for number in range(place + 1, last)
        ]
        # A line of as many cells is a row, which a stray quote has swallowed.
        if cells and (len(cells) == 1 or all(other is None or len(other) != len(cells) for other in inside)):
            return cells, last
        if cells:
            break
    raise LoadError("the quotes in the header do not pair up", file=path, line=place + 1)


def header_text(path: Path, content: Sequence[bytes], first: int, last: int) -> str:
    text = b"".join(content[first:last])
    try:
        return text.decode("utf-8-sig" if first == 0 else "utf-8")
    except UnicodeDecodeError as error:
        raise LoadError(
            "the header is not UTF-8; save the file as UTF-8", file=path, line=first + 1
        ) from error


def one_record(text: str, form: Dialect) -> list[str] | None:
    """The cells of the one record that this is, if its quotes pair up."""
    try:
        (cells,) = form.cells(text.splitlines(keepends=True), strict=True)
    except (csv.Error, ValueError):
        return None
    return cells


def clean(name: str) -> str:
    """The name trimmed, in NFC, on one line."""
    return unicodedata.normalize("NFC", LINE_BREAK.sub(" ", name.strip()))


LINE_BREAK = pattern(r"\s*[\r\n]\s*")


def refuse_data(path: Path, cells: Sequence[str], names: Iterable[str], line: int) -> None:
    """Raise `LoadError` where the first row names nothing that is wanted, but holds values."""
    folded = {name.casefold() for name in names}
    if any(cell.casefold() in folded for cell in cells):
        return
    values = [cell for cell in cells if DATA.fullmatch(cell)]
    if values:
        words = f"the first row is no header but looks like data ({values[0]!r}); add a line of column names"
        raise LoadError(words, file=path, line=line)


def known_names(
    path: Path, headers: Sequence[str], required: Sequence[str], renames: Mapping[str, str]
) -> tuple[str, ...]:
    """The names to use; a required one may be written in any case. Raises `LoadError`."""
    mapped = [renames.get(name, name) for name in headers]
    names = tuple(name.lower() if name.lower() in required else name for name in mapped)
    if "" in names:
        raise LoadError("a column without a name", file=path, column=f"{names.index('') + 1}")
    headers_by_name: dict[str, str] = {}
    for header, name in zip(headers, names, strict=True):
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise LoadError("a column name holds a control character", file=path, column=name)
        if name.lower() in headers_by_name:
            raise LoadError(
                alike(headers_by_name[name.lower()], header, name, renames), file=path, column=name
            )
        headers_by_name[name.lower()] = header
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
    if mapped := nearest(name, renames.values()):
        return f"{words}. Is the {either(mapped)} of the mapping meant to be it?"
    if headers := nearest(name, names):
        return f"{words}. Is it {either(headers)}? Then add --map {quote(f'{name}={headers[0]}')}"
    return f"{words}. If one of these is it, say so: --map {name}=..."


def either(names: Iterable[str]) -> str:
    return " or ".join(map(repr, names))
