"""An uploaded file of values: its encoding, its cells, and whether its first line names the columns."""

import csv
from collections.abc import Container, Iterable
from dataclasses import dataclass
from io import StringIO
from re import compile as pattern

from duckmart.data.load.header import DATA
from duckmart.data.load.text import UTF_8, decoded
from duckmart.ui.streamlit_quirks import distinct

# Usual names of id columns, besides those in the data, without spaces and marks.
USUAL_NAMES = frozenset(
    "id ids userid customerid customernumber memberid clientid accountid contactid subscriberid externalid "
    "uid uuid guid email emails emailaddress mail".split()
)
# Spreadsheets write the delimiter into a line before all others.
_SEPARATOR = pattern(r'"?sep=(.)"?\s*')


@dataclass(frozen=True, slots=True)
class ListFile:
    """The rows of a file with its first, and the encoding that they were read in."""

    rows: tuple[tuple[str, ...], ...]
    encoding: str = UTF_8

    @classmethod
    def of(cls, content: bytes) -> "ListFile":
        """Reads a CSV file. Raises `ValueError` with words for the user."""
        text, encoding = decoded(content)
        text = text.lstrip("\r\n")
        first = text[: next((place for place, letter in enumerate(text) if letter in "\r\n"), None)]
        separator = _SEPARATOR.fullmatch(first)
        text = text.removeprefix(first) if separator else text
        delimiter = separator[1] if separator else max("\t;,|", key=first.count)
        try:
            rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error as error:
            raise ValueError(f"the file cannot be read: {error}") from None
        if not rows:
            raise ValueError("the file is empty")
        return cls(tuple(tuple(cell.strip() for cell in row) for row in rows), encoding)

    def begins_with_names(self, names: Iterable[str], values: Container[str]) -> bool:
        """Whether the first row is surely a header: values that are taken for a header would be lost.

        `names` are those of the data's columns, `values` what the column in question holds.
        """
        first, header_names = self.rows[0], USUAL_NAMES.union(map(_plain, names))
        is_data = any(cell in values or DATA.fullmatch(cell) for cell in first)
        return not is_data and any(_plain(cell) in header_names for cell in first)

    def columns(self, *, header: bool) -> dict[str, list[str]]:
        """The cells of each column, by the names in the first row or by place."""
        width = max(map(len, self.rows))
        first = (*self.rows[0], *[""] * (width - len(self.rows[0]))) if header else ("",) * width
        names = distinct(name or f"column {place}" for place, name in enumerate(first, 1))
        rows = self.rows[header:]
        return {
            name: [row[place] if place < len(row) else "" for row in rows] for place, name in enumerate(names)
        }


def _plain(name: str) -> str:
    """A name without case, spaces and marks: "E-mail address" is `emailaddress`."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
