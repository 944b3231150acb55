"""An input file before its rows are read: does it exist, what is its header, how many lines has it."""

import csv
import difflib
import glob
import gzip
import hashlib
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyarrow.parquet

from duckmart.errors import LoadError

CSV = (".csv", ".csv.gz")
PARQUET = (".parquet",)
BLOCK = 1 << 24


@dataclass(frozen=True)
class Source:
    """A file whose header is in order.

    `names` has one name per column in file order, required ones in lower case, `renamed` the headers that
    needed it. `readable` is the file DuckDB reads: `path`, or a copy with line ends of one kind. For CSV,
    `lines` counts physical lines, of which the header takes the first `header_lines`; for Parquet both are 0.
    """

    path: Path
    readable: Path
    names: tuple[str, ...]
    renamed: dict[str, str]
    bytes: int
    sha256: str
    lines: int = 0
    header_lines: int = 0

    @property
    def is_csv(self) -> bool:
        return has_suffix(self.path, CSV)

    @property
    def pattern(self) -> str:
        """`readable` for DuckDB, which takes a path for a pattern: `a[1].csv` would read `a1.csv`."""
        return glob.escape(str(self.readable))


def open_source(path: Path, required: Sequence[str], folder: Path) -> Source:
    """Look at the file; a copy, where one is needed, goes to `folder`.

    Raises `LoadError` when the file or its header cannot be used, naming the missing column.
    """
    if not path.is_file():
        raise LoadError("there is no such file", file=path)
    if has_suffix(path, CSV):
        return csv_source(path, required, folder)
    if has_suffix(path, PARQUET):
        return parquet_source(path, required)
    raise LoadError(f"only files ending in {', '.join((*CSV, *PARQUET))} can be loaded", file=path)


def csv_source(path: Path, required: Sequence[str], folder: Path) -> Source:
    try:
        digest, ends = scan(path)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise LoadError(f"this is no gzip file, or it was cut short ({error})", file=path) from error
    readable = path
    if ends.mixed:
        readable = folder / f"{path.name.removesuffix('.gz')}.unified"
        unify(path, readable, carriage_return=b"\n" if ends.lf == 0 else b" ")
    found, header_lines = csv_header(path, readable)
    names = known_names(path, found, required)
    return Source(
        path=path,
        readable=readable,
        names=names,
        renamed=renamed(found, names),
        bytes=path.stat().st_size,
        sha256=digest,
        lines=ends.lines,
        header_lines=header_lines,
    )


def parquet_source(path: Path, required: Sequence[str]) -> Source:
    try:
        found = cast("list[str]", pyarrow.parquet.read_schema(path).names)
    except pyarrow.ArrowException as error:
        raise LoadError(f"this is no Parquet file, or it was cut short ({error})", file=path) from error
    found = [clean(name) for name in found]
    names = known_names(path, found, required)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Source(path, path, names, renamed(found, names), path.stat().st_size, digest)


@dataclass(frozen=True)
class LineEnds:
    """How often a file has each line end; `lf` and `cr` include those of `crlf`."""

    crlf: int
    lf: int
    cr: int
    unfinished: bool

    @property
    def mixed(self) -> bool:
        """DuckDB reads only files whose lines all end alike, in CR LF or LF."""
        return self.cr > 0 and not self.cr == self.lf == self.crlf

    @property
    def lines(self) -> int:
        return (self.lf or self.cr) + self.unfinished


def scan(path: Path) -> tuple[str, LineEnds]:
    """The SHA-256 of the file, and its line ends (unpacked)."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    crlf = lf = cr = 0
    last = b"\n"
    for block in blocks(path):
        lf += block.count(b"\n")
        if b"\r" in block:
            cr += block.count(b"\r")
            crlf += block.count(b"\r\n")
        last = block[-1:]
    return digest, LineEnds(crlf, lf, cr, last not in b"\r\n")


def unify(path: Path, copy: Path, carriage_return: bytes) -> None:
    """Copy the text with LF at the end of each line, and a lone carriage return replaced."""
    with copy.open("wb") as out:
        for block in blocks(path):
            out.write(block.replace(b"\r\n", b"\n").replace(b"\r", carriage_return))


def blocks(path: Path) -> Iterator[bytes]:
    """The unpacked bytes; no CR LF is split between two blocks."""
    with open_bytes(path) as file:
        while block := file.read(BLOCK):
            yield block + file.read(1) if block.endswith(b"\r") else block


def open_bytes(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.name.lower().endswith(".gz") else path.open("rb")


def csv_header(path: Path, readable: Path) -> tuple[list[str], int]:
    """The cells of the first line that is not blank, cleaned, and that line's number."""
    with open_bytes(readable) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                return header_cells(path, line, number), number
    raise LoadError("the file is empty: not even a header", file=path)


def header_cells(path: Path, line: bytes, number: int) -> list[str]:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise LoadError("the header is not UTF-8; save the file as UTF-8", file=path, line=number) from error
    try:
        cells = next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration) as error:
        raise LoadError("the quotes in the header do not pair up", file=path, line=number) from error
    return [clean(cell) for cell in cells]


def clean(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def known_names(path: Path, found: Sequence[str], required: Sequence[str]) -> tuple[str, ...]:
    """The names to use; a required one may be written in any case. Raises `LoadError`."""
    names = tuple(name.lower() if name.lower() in required else name for name in found)
    if "" in names:
        raise LoadError("a column without a name", file=path, column=f"{names.index('') + 1}")
    seen: dict[str, str] = {}
    for name in names:
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise LoadError("a column name holds a control character", file=path, column=name)
        if name.lower() in seen:
            other = seen[name.lower()]
            raise LoadError(f"two columns are named alike ({other!r} and {name!r})", file=path, column=name)
        seen[name.lower()] = name
    for name in required:
        if name not in names:
            raise LoadError(missing(name, found), file=path, column=name)
    return names


def missing(name: str, found: Sequence[str]) -> str:
    words = f"this required column is missing; found: {', '.join(found)}"
    nearest = difflib.get_close_matches(name, found, n=1)
    return f"{words}. Is it {nearest[0]!r}?" if nearest else words


def renamed(found: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    return {old: new for old, new in zip(found, names, strict=True) if old != new}


def has_suffix(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(suffixes)
