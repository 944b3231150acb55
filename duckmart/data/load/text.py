"""The bytes of a text file: their encoding and line ends, and a copy where DuckDB needs one to read them.

A file is UTF-16 if it starts with that byte order mark; Windows-1252, as a whole, if it has more bytes that
are not UTF-8 than letters beyond ASCII that are; and else UTF-8, where rows that are not UTF-8 are refused.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from duckmart.errors import LoadError

BLOCK = 1 << 24
UTF_8, UTF_16, WINDOWS_1252 = "UTF-8", "UTF-16", "Windows-1252"

NOT_TEXT = {
    b"\x1f\x8b": "this is a gzip file; end its name in .csv.gz",
    b"PAR1": "this is a Parquet file; end its name in .parquet",
    b"PK\x03\x04": "this is a zip or Excel file; save the table as CSV",
    codecs.BOM_UTF32_LE: "this is UTF-32; save the file as UTF-8",
}

# The five bytes that Windows-1252 leaves open are taken as browsers take them.
LETTERS = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))

NO_UTF_8 = re.compile("[\udc80-\udcff]")
BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


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


@dataclass(frozen=True)
class Text:
    """A text file: `readable` is its path, or a copy in UTF-8 with line ends of one kind."""

    readable: Path
    encoding: str
    lines: int


def open_text(path: Path, copy: Path) -> Text:
    """Look at all bytes of the file; where DuckDB cannot read them as they are, `copy` is written."""
    with words_for_gzip(path):
        encoding = marked_encoding(path)
        ends, is_utf_8 = scan(path) if encoding == UTF_8 else (None, True)
        if not is_utf_8 and mostly_not_utf_8(path):
            encoding = WINDOWS_1252
        readable = path
        if encoding != UTF_8:
            readable, ends = transcode(path, copy.with_suffix(".utf8"), encoding), None
        ends = ends or scan(readable)[0]
        if ends.mixed:
            unify(readable, copy, carriage_return=b"\n" if ends.lf == 0 else b" ")
            readable = copy
        return Text(readable, encoding, ends.lines)


@contextmanager
def words_for_gzip(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise LoadError(f"this is no gzip file, or it was cut short ({error})", file=path) from error


def marked_encoding(path: Path) -> str:
    """What the first bytes say. Raises `LoadError` where they are those of no text."""
    with open_bytes(path) as file:
        start = file.read(1 << 12)
    for mark, words in NOT_TEXT.items():
        if start.startswith(mark):
            raise LoadError(words, file=path)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF_16
    if b"\0" in start.lstrip().partition(b"\n")[0]:
        raise LoadError("this is no text, or UTF-16 without its mark; save the file as UTF-8", file=path)
    return UTF_8


def scan(path: Path) -> tuple[LineEnds, bool]:
    """The line ends, and whether all of the file is UTF-8."""
    crlf = lf = cr = 0
    last = b"\n"
    check: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    for block in blocks(path):
        lf += block.count(b"\n")
        if b"\r" in block:
            cr += block.count(b"\r")
            crlf += block.count(b"\r\n")
        last = block[-1:]
        check = check and still_utf_8(check, block)
    is_utf_8 = check is not None and not check.getstate()[0]
    return LineEnds(crlf, lf, cr, last not in b"\r\n"), is_utf_8


def still_utf_8(check: codecs.IncrementalDecoder, block: bytes) -> codecs.IncrementalDecoder | None:
    if block.isascii() and not check.getstate()[0]:
        return check
    try:
        check.decode(block)
    except UnicodeDecodeError:
        return None
    return check


def mostly_not_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    bad = good = 0
    for block in blocks(path):
        text = decoder.decode(block)
        bad += NO_UTF_8.subn("", text)[1]
        good += BEYOND_ASCII.subn("", text)[1]
    return bad + len(decoder.getstate()[0]) > good


def transcode(path: Path, copy: Path, encoding: str) -> Path:
    """Write the file as UTF-8, byte for byte where it is Windows-1252."""
    utf_16 = codecs.getincrementaldecoder("utf-16")()
    with copy.open("wb") as out:
        for block in blocks(path):
            try:
                text = (
                    utf_16.decode(block)
                    if encoding == UTF_16
                    else codecs.charmap_decode(block, "strict", LETTERS)[0]
                )
            except UnicodeDecodeError as error:
                raise LoadError(f"this is no UTF-16, though it starts so ({error})", file=path) from error
            out.write(text.encode("utf-8", "surrogatepass"))
    if utf_16.getstate()[0]:
        raise LoadError("this UTF-16 file was cut short", file=path)
    return copy


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


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a small file in memory, and its encoding. Raises `ValueError` for what is no text.

    Where a UTF-8 file has a few bytes that are not, U+FFFD stands for each.
    """
    for mark, words in NOT_TEXT.items():
        if content.startswith(mark):
            raise ValueError(words)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), UTF_16
        except UnicodeDecodeError as error:
            raise ValueError(f"this is no UTF-16, though it starts so ({error.reason})") from error
    if b"\0" in content:
        raise ValueError("this is no text, or UTF-16 without its mark; save the file as CSV UTF-8")
    escaped = content.decode("utf-8-sig", "surrogateescape")
    bad = len(NO_UTF_8.findall(escaped))
    if bad > len(BEYOND_ASCII.findall(escaped)):
        return codecs.charmap_decode(content, "strict", LETTERS)[0], WINDOWS_1252
    return NO_UTF_8.sub("\ufffd", escaped), UTF_8
