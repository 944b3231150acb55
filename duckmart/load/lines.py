"""Which line of a CSV file a row came from.

DuckDB does not number the rows it reads, and miscounts the lines of those it refuses where quoted values hold
line breaks. A row's line is its position plus a shift, which grows at each broken record, blank line and line
break in a value.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from duckmart.errors import LoadError
from duckmart.load.header import Dialect
from duckmart.load.source import Found
from duckmart.load.text import open_bytes


@dataclass(frozen=True)
class Broken:
    """A record that is no row: its line by DuckDB's count, and the byte (from 0) it starts at."""

    line: int
    start: int


@dataclass(frozen=True)
class Lines:
    """`shifts` are (row, shift): from that row (from 0) on, line = row + shift. `broken` has their lines."""

    shifts: list[tuple[int, int]]
    broken: list[int]


def line_numbers(file: Found, rows: int, broken: Sequence[Broken]) -> Lines:
    """The lines of the rows read and of the broken records, which are in file order.

    Raises `LoadError` when a second reading, made only where lines and records differ in number, finds
    other records: then a quote that is never closed has swallowed rows.
    """
    if file.lines == file.header_lines + rows + len(broken):
        return lines_are_records(file, broken)
    return second_reading(file, rows, broken)


def lines_are_records(file: Found, broken: Sequence[Broken]) -> Lines:
    first = file.header_lines + 1
    shifts = {0: first}
    for before, record in enumerate(broken):
        shifts[record.line - first - before] = first + before + 1
    return Lines(list(shifts.items()), [record.line for record in broken])


def second_reading(file: Found, rows: int, broken: Sequence[Broken]) -> Lines:
    shifts: list[tuple[int, int]] = []
    lines: list[int] = []
    row = 0
    for line, end in records(file):
        if len(lines) < len(broken) and broken[len(lines)].start < end:
            lines.append(line)
            continue
        if not shifts or shifts[-1][1] != line - row:
            shifts.append((row, line - row))
        row += 1
    if row != rows or len(lines) != len(broken):
        line_of_first = lines[0] if lines else None
        raise LoadError(
            "its quotes do not pair up, so rows run into each other", file=file.path, line=line_of_first
        )
    return Lines(shifts, lines)


def records(file: Found) -> Iterator[tuple[int, int]]:
    """The line each record starts at, and the byte it ends before."""
    with open_bytes(file.readable) as content:
        text = Text(content)
        for _ in range(file.header_lines):
            next(text)
        line = text.line + 1
        dialect = file.dialect or Dialect()
        reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote)
        try:
            for cells in reader:
                # In a table of one column, a blank line is a row without a value.
                if cells or len(file.headers) == 1:
                    yield line, text.end
                line = text.line + 1
        except csv.Error as error:
            raise LoadError(f"a quoted value has no end ({error})", file=file.path, line=line) from error


@dataclass
class Text:
    """The lines of a file as text, byte for byte, counting lines and bytes."""

    file: IO[bytes]
    line: int = field(default=0, init=False)
    end: int = field(default=0, init=False)

    def __iter__(self) -> "Text":
        return self

    def __next__(self) -> str:
        content = next(self.file)
        self.line += 1
        self.end += len(content)
        return content.decode("latin-1")
