"""Where the records of a CSV file start and end, and which quotes open a value by mistake.

A quoted value may hold line breaks, so a stray quote runs on to the next quote and swallows the rows between.
A quote is stray if that next quote cannot end a value, or if most of the lines that it takes in are rows
themselves, unless many values of the file are so. Then only its own line is no row: reading goes on after it.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import IO

from duckmart.data.load.header import Dialect

LONGEST = 2_000_000
"""Bytes that a record of several lines may have; DuckDB reads 2,097,152."""

Meaning = Callable[[bytes, Sequence[bytes]], bool]
"""Whether a value that ends is meant to hold line breaks, by the first and further lines of its record."""

SAMPLE = 1000
"""Lines that tell what the cells of a row look like, and that are looked at within one value."""

KINDS = {
    "none": rb"",
    "number": rb"[-+]?[\d.,]+",
    "time": rb"\d+[-/.:]\d+[-/.:T \d].*",
    "uuid": rb"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}",
    "mail": rb"[^\s@]+@[^\s@]+",
    "letters": rb"[^\W\d]+",
    "code": rb"\S+",
}
"""What a cell looks like, the first that fits; other cells are texts of several words."""


@dataclass(frozen=True)
class Record:
    """A record: the line it starts at, the byte it ends before, its bytes if its quote is stray."""

    line: int
    end: int
    stray: bytes = b""


class Grammar:
    """What a line of a dialect can be, at the start of a record and within a quoted value."""

    def __init__(self, dialect: Dialect) -> None:
        quote, delimiter = (re.escape(mark.encode()) for mark in (dialect.quote, dialect.delimiter))
        inside = rb"(?:[^%b]++|%b%b)*+" % (quote, quote, quote)
        cell = rb"(?: *+%b%b%b *+|(?! *+%b)[^%b\r\n]*+)" % (quote, inside, quote, quote, delimiter)
        rest = rb"(?:%b%b)*+" % (delimiter, cell)
        self.quote = dialect.quote.encode()
        self.closed = re.compile(rb"%b%b\r?\n?" % (cell, rest)).fullmatch
        self.opens = re.compile(rb"(?:%b%b)*+ *+%b%b" % (cell, delimiter, quote, inside)).fullmatch
        self.runs_on = re.compile(inside).fullmatch
        self.closes = re.compile(rb"%b%b *+%b\r?\n?" % (inside, quote, rest)).fullmatch
        self.reopens = re.compile(
            rb"%b%b *+%b%b *+%b%b" % (inside, quote, rest, delimiter, quote, inside)
        ).fullmatch
        self._cell = re.compile(rb"(%b)(%b|\r?\n?\Z)" % (cell, delimiter))
        self._delimiter = dialect.delimiter.encode()

    def cells(self, text: bytes) -> list[bytes]:
        """The cells of one closed record, without quotes and spaces around them."""
        cells = []
        for match in self._cell.finditer(text):
            cells.append(match[1].strip(b" \"'"))
            if match[2] != self._delimiter:
                break
        return cells

    def row(self, line: bytes, columns: int) -> list[bytes]:
        """The cells of the line if it can be a row by itself, else none; empty ones may follow."""
        cells = self.cells(line) if self.closed(line) else []
        return cells[:columns] if len(cells) >= columns and not any(cells[columns:]) else []


@dataclass
class QuoteReader:
    """The records of a file, open where its first row starts: in line `line`, at byte `end`."""

    file: IO[bytes]
    grammar: Grammar
    is_meant: Meaning
    line: int
    end: int
    one_column: bool
    ahead: deque[bytes] = field(default_factory=deque, init=False)

    def __iter__(self) -> Iterator[Record]:
        while text := self.next():
            line, self.line, self.end = self.line, self.line + 1, self.end + len(text)
            if self.grammar.quote not in text or self.grammar.closed(text):
                # In a table of one column, a blank line is a row without a value.
                if self.one_column or text.rstrip(b"\r\n"):
                    yield Record(line, self.end)
                continue
            more = self.rest(text)
            if more is not None and self.is_meant(text, more):
                self.line += len(more)
                self.end += sum(map(len, more))
                yield Record(line, self.end)
            else:
                self.ahead.extendleft(reversed(more or []))
                yield Record(line, self.end, text)

    def next(self) -> bytes:
        return self.ahead.popleft() if self.ahead else next(self.file, b"")

    def rest(self, first: bytes) -> list[bytes] | None:
        """The further lines of the record that starts so; None where its quotes do not pair up."""
        more: list[bytes] = []
        size = len(first)
        is_open = self.grammar.opens(first)
        while is_open and size < LONGEST and (text := self.next()):
            more.append(text)
            size += len(text)
            if self.grammar.quote not in text or self.grammar.runs_on(text):
                continue
            if self.grammar.closes(text):
                return more
            is_open = self.grammar.reopens(text)
        self.ahead.extendleft(reversed(more))
        return None


@dataclass
class Judge:
    """Tells values that are meant to hold line breaks from stray quotes that swallow rows.

    `kinds` has what most cells of each column look like, `keys` the columns in which a row's must look so.
    `survey` gives the records of the whole file as they are if every value that ends is meant.
    """

    grammar: Grammar
    kinds: Sequence[str]
    keys: Sequence[int]
    survey: Callable[[Meaning], Iterator[Record]]

    def is_meant(self, first: bytes, more: Sequence[bytes]) -> bool:
        return not self.swallows(more) or (self.is_whole(first, more) and self.is_usual(len(more)))

    def swallows(self, lines: Sequence[bytes]) -> bool:
        """Whether most of these lines are rows themselves."""
        inside = [line for line in lines[:SAMPLE] if line.strip()]
        return sum(map(self.is_row, inside)) * 2 > len(inside)

    def is_row(self, line: bytes) -> bool:
        cells = self.grammar.row(line, len(self.kinds))
        alike = [kind_of(cell) == kind for cell, kind in zip(cells, self.kinds, strict=False)]
        return bool(cells) and all(alike[place] for place in self.keys) and sum(alike) * 2 >= len(alike)

    def is_whole(self, first: bytes, more: Sequence[bytes]) -> bool:
        """Whether they are one record of as many cells as there are columns."""
        return len(self.grammar.cells(b"".join([first, *more]))) == len(self.kinds)

    def is_usual(self, span: int) -> bool:
        """Whether two other values at least, and one in a hundred records, seem to swallow about as many."""
        spans, records = self.seemingly_swallowed
        alike = sum(times for other, times in spans.items() if span <= 2 * other <= 4 * span)
        return alike - 1 >= max(2, records / 100)

    @cached_property
    def seemingly_swallowed(self) -> tuple[Counter[int], int]:
        """How many values seem to swallow how many lines, and how many records there are."""
        spans: Counter[int] = Counter()

        def note(first: bytes, more: Sequence[bytes]) -> bool:
            if self.swallows(more) and self.is_whole(first, more):
                spans[len(more)] += 1
            return True

        return spans, sum(1 for _ in self.survey(note))


def kind_of(cell: bytes) -> str:
    return next((kind for kind, shape in SHAPES.items() if shape.fullmatch(cell)), "text")


SHAPES = {kind: re.compile(shape) for kind, shape in KINDS.items()}


def usual_kinds(lines: Iterator[bytes], grammar: Grammar, columns: int) -> list[str]:
    """What most cells of each column look like, in the lines that can be rows by themselves."""
    sample = (grammar.row(line, columns) for line in islice(lines, SAMPLE))
    rows = [cells for cells in sample if cells]
    kinds = (Counter(map(kind_of, cells)) for cells in zip(*rows, strict=True))
    return [most_common(counted) for counted in kinds] if rows else ["text"] * columns


def most_common(kinds: Counter[str]) -> str:
    """The most frequent kind; empty cells count only where there is nothing else."""
    return max(kinds, key=lambda kind: (kind != "none", kinds[kind]))
