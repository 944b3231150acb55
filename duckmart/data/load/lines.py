"""Which line of a CSV file a row came from, and which lines are no rows because of a stray quote.

DuckDB does not number the rows it reads, and miscounts the lines of those it refuses where quoted values hold
line breaks. A row's line is its position plus a shift, which grows at each broken record, blank line and line
break in a value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from duckmart.data.load.header import Dialect
from duckmart.data.load.quotes import Grammar, Judge, Meaning, QuoteReader, Record, usual_kinds
from duckmart.data.load.source import Source
from duckmart.data.load.text import open_bytes
from duckmart.errors import LoadError


@dataclass(frozen=True)
class Broken:
    """A record that is no row: its line by DuckDB's count, and the byte (from 0) it starts at."""

    line: int
    start: int


@dataclass(frozen=True)
class Lines:
    """`shifts` are (row, shift): from that row (from 0) on, line = row + shift. `broken` has their lines.

    `strays` are the lines with a stray quote: where there are some, the rest is not to be used.
    """

    shifts: list[tuple[int, int]]
    broken: list[int]
    strays: dict[int, bytes] = field(default_factory=dict)


def line_numbers(source: Source, rows: int, broken: Sequence[Broken]) -> Lines:
    """The lines of the rows read and of the broken records, which are in file order.

    Where lines and records differ in number, a second reading looks for the lines with a stray quote.
    Raises `LoadError` when there are none, but other records than DuckDB read.
    """
    file = source.file
    if file.lines == file.header_lines + rows + len(broken):
        return lines_are_records(source, broken)
    return second_reading(source, rows, broken)


def lines_are_records(source: Source, broken: Sequence[Broken]) -> Lines:
    first = source.file.header_lines + 1
    shifts = {0: first}
    for before, record in enumerate(broken):
        shifts[record.line - first - before] = first + before + 1
    return Lines(list(shifts.items()), [record.line for record in broken])


def second_reading(source: Source, rows: int, broken: Sequence[Broken]) -> Lines:
    shifts: list[tuple[int, int]] = []
    lines: list[int] = []
    strays: dict[int, bytes] = {}
    row = 0
    for record in judged_records(source):
        if record.stray:
            strays[record.line] = record.stray
        elif len(lines) < len(broken) and broken[len(lines)].start < record.end:
            lines.append(record.line)
        else:
            if not shifts or shifts[-1][1] != record.line - row:
                shifts.append((row, record.line - row))
            row += 1
    if not strays and (row != rows or len(lines) != len(broken)):
        words = "its quotes do not pair up, so rows run into each other"
        raise LoadError(words, file=source.path, line=lines[0] if lines else None)
    return Lines(shifts, lines, strays)


def stray_quotes(source: Source) -> dict[int, bytes]:
    """The lines that are no rows because of a stray quote."""
    return {record.line: record.stray for record in judged_records(source) if record.stray}


def judged_records(source: Source) -> Iterator[Record]:
    """The records of a CSV file; after its stray quotes are gone, each value that ends is meant."""
    if source.file.strays:
        return records(source, lambda first, more: True)
    columns, grammar = len(source.names), Grammar(source.file.dialect or Dialect())
    with open_bytes(source.file.readable) as content:
        kinds = usual_kinds(islice(content, source.file.header_lines, None), grammar, columns)
    keys = [source.names.index(name) for name in ("user_id", "timestamp") if name in source.names]
    judge = Judge(grammar, kinds, keys, lambda note: records(source, note))
    return records(source, judge.is_meant)


def records(source: Source, is_meant: Meaning) -> Iterator[Record]:
    grammar = Grammar(source.file.dialect or Dialect())
    first = source.file.header_lines + 1
    with open_bytes(source.file.readable) as content:
        end = sum(len(next(content)) for _ in range(source.file.header_lines))
        yield from QuoteReader(content, grammar, is_meant, first, end, one_column=len(source.names) == 1)


def without(source: Source, strays: Mapping[int, bytes]) -> Source:
    """The source with a copy to read, in which each of these lines is one of too many cells."""
    file = source.file
    dialect = file.dialect or Dialect()
    readable = file.copy.with_suffix(".mended")
    # DuckDB takes empty cells at the end for none.
    stand_in = f"{dialect.delimiter * len(source.names)}x\n".encode()
    with open_bytes(file.readable) as content, readable.open("wb") as out:
        for number, line in enumerate(content, start=1):
            end = line[len(line.rstrip(b"\r\n")) :]
            out.write(stand_in[:-1] + end if number in strays else line)
    return replace(source, file=replace(file, readable=readable, strays=dict(strays)))
