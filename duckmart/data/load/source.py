"""The input files before their rows are read: which they are, what their headers say, how long they are."""

import glob
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow.parquet

from duckmart.data.load import header, parquet
from duckmart.data.load.header import REQUIRED, Dialect, clean
from duckmart.data.load.mapping import find, renames
from duckmart.data.load.pairs import Pair
from duckmart.data.load.text import open_bytes, open_text
from duckmart.errors import LoadError

CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
PARQUET = (".parquet",)
TOP = 200
"""Lines among which the header is looked for."""

Paths = Path | Sequence[Path]
"""A file, a folder of files, or several of either."""


@dataclass(frozen=True)
class InputFile:
    """A file as it is: its header, and for CSV its dialect and physical lines, the header's included.

    A Parquet file has a line for each row, and none for its header.

    `left_out` are the columns of a Parquet file that cannot be loaded, and what their values are; `lists` are
    those that hold lists.
    `readable` is the file DuckDB reads: `path`, or a copy in UTF-8 with line ends of one kind, in which a
    line that is no row because of a stray quote, in `strays` as it was, is one of too many cells. `copy` is
    where copies may be. `header_texts` are the headers as written, `titles` the lines above them.
    """

    path: Path
    readable: Path
    headers: tuple[str, ...]
    sha256: str
    dialect: Dialect | None = None
    encoding: str = ""
    lines: int = 0
    header_lines: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    copy: Path = Path()
    strays: Mapping[int, bytes] = field(default_factory=dict)
    header_texts: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are, unless values hold line breaks; enough for telling the progress."""
        return self.lines - self.header_lines


@dataclass(frozen=True)
class Source:
    """A file whose header is in order: `names` are those of its columns, required ones in lower case."""

    file: InputFile
    names: tuple[str, ...]

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def pattern(self) -> str:
        """`readable` for DuckDB, which takes a path for a pattern: `a[1].csv` would read `a1.csv`."""
        return glob.escape(str(self.file.readable))

    @property
    def renamed(self) -> dict[str, str]:
        pairs = zip(self.file.headers, self.names, strict=True)
        return {old: new for old, new in pairs if old != new}


def open_sources(
    paths_by_kind: Mapping[str, Paths], pairs: Sequence[Pair], folder: Path
) -> dict[str, list[Source]]:
    """Look at all files of users and of events; copies, where they are needed, go to `folder`.

    Raises `LoadError` when a file or its header cannot be used, naming the missing column.
    """
    files = {kind: input_files(some) for kind, some in paths_by_kind.items()}
    refuse_repeats([path for paths in files.values() for path in paths])
    opened_files = {
        kind: [
            look(path, expected_headers(kind, pairs), folder / f"{kind}-{place}")
            for place, path in enumerate(paths)
        ]
        for kind, paths in files.items()
    }
    names = renames(pairs, {kind: all_headers(some) for kind, some in opened_files.items()})
    refuse_swapped(opened_files, names)
    for kind, some in opened_files.items():
        refuse_left_out(kind, some, names[kind])
    return {kind: with_names(kind, some, names[kind]) for kind, some in opened_files.items()}


def column_names(sources: Mapping[str, Sequence[Source]]) -> dict[str, tuple[str, ...]]:
    """The columns of each kind of file."""
    return {kind: some[0].names for kind, some in sources.items()}


def input_files(inputs: Paths) -> list[Path]:
    """The files meant, those of a folder by name."""
    paths: list[Path] = []
    for entry in [inputs] if isinstance(inputs, Path) else inputs:
        if not entry.is_dir():
            paths.append(entry)
            continue
        inside = sorted(
            file for file in entry.iterdir() if file.is_file() and has_suffix(file, (*CSV, *PARQUET))
        )
        if not inside:
            raise LoadError(f"no file in this folder ends in {', '.join((*CSV, *PARQUET))}", file=entry)
        paths += inside
    return paths


def refuse_repeats(paths: Sequence[Path]) -> None:
    earlier: set[Path] = set()
    for path in paths:
        if path.resolve() in earlier:
            raise LoadError("this file is given twice; its rows would count twice", file=path)
        earlier.add(path.resolve())


def expected_headers(kind: str, pairs: Sequence[Pair]) -> set[str]:
    """The headers that tell a file of this kind from any other text."""
    return {*REQUIRED[kind], *(pair.theirs for pair in pairs if kind in pair.kinds)}


def look(path: Path, names: set[str], copy: Path) -> InputFile:
    if not path.is_file():
        raise LoadError("there is no such file", file=path)
    if has_suffix(path, CSV):
        return look_at_csv(path, names, copy)
    if has_suffix(path, PARQUET):
        return look_at_parquet(path)
    raise LoadError(f"only files ending in {', '.join((*CSV, *PARQUET))} can be loaded", file=path)


def look_at_csv(path: Path, names: set[str], copy: Path) -> InputFile:
    text = open_text(path, copy)
    with open_bytes(text.readable) as file:
        content = list(islice(file, TOP))
    top = header.read_header(path, content, names)
    header.refuse_data(path, top.names, names, top.line)
    return InputFile(
        path=path,
        readable=plain_top(text.readable, copy, content[: top.line]),
        headers=top.names,
        sha256=digest(path),
        dialect=top.dialect,
        encoding=text.encoding,
        lines=text.lines,
        header_lines=top.line,
        copy=copy,
        header_texts=top.texts,
        titles=top.titles,
    )


def plain_top(readable: Path, copy: Path, top: Sequence[bytes]) -> Path:
    """The file, or a copy without quotes in the lines to skip: DuckDB skips records, not lines."""
    if len(top) == 1 or not any(mark in line for line in top for mark in b"\"'"):
        return readable
    plain = copy.with_suffix(".plain")
    with open_bytes(readable) as content, plain.open("wb") as out:
        for line in islice(content, len(top)):
            out.write(b"#" + line[len(line.rstrip(b"\r\n")) :])
        shutil.copyfileobj(content, out)
    return plain


def look_at_parquet(path: Path) -> InputFile:
    try:
        rows = pyarrow.parquet.read_metadata(path).num_rows
    except pyarrow.ArrowException as error:
        raise LoadError(f"this is no Parquet file, or it was cut short ({error})", file=path) from error
    types = [(clean(name), kind) for name, kind in parquet.column_types(path)]
    left_out = {name: words for name, kind in types if (words := parquet.left_out(kind))}
    names = tuple(name for name, kind in types if not parquet.left_out(kind))
    lists = {name: f"lists ({kind})" for name, kind in types if kind.endswith("]")}
    return InputFile(path, path, names, digest(path), lines=rows, left_out=left_out, lists=lists)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def all_headers(files: Sequence[InputFile]) -> list[str]:
    return list(dict.fromkeys(name for file in files for name in (*file.headers, *file.left_out)))


def refuse_swapped(
    opened_files: Mapping[str, Sequence[InputFile]], names: Mapping[str, Mapping[str, str]]
) -> None:
    """Raise `LoadError` where the files of users have what events need, and those of events have not."""
    holds_events = {
        kind: all(
            find(
                column,
                [names["events"].get(name, names[kind].get(name, name)) for name in of_kind[0].headers],
            )
            for column in REQUIRED["events"]
        )
        for kind, of_kind in opened_files.items()
    }
    if holds_events.get("users") and not holds_events["events"]:
        words = "the users look like events, and the events lack what events need: are the two swapped?"
        raise LoadError(words, file=opened_files["users"][0].path)


def refuse_left_out(kind: str, files: Sequence[InputFile], names: Mapping[str, str]) -> None:
    """Raise `LoadError` where a required column, or one the mapping names, holds what cannot be loaded."""
    for file in files:
        for name, words in file.left_out.items():
            if name in names or name.lower() in REQUIRED[kind]:
                raise LoadError(f"it holds {words}; write it as text", file=file.path, column=name)
        for name, words in file.lists.items():
            if names.get(name, name).lower() in REQUIRED[kind]:
                raise LoadError(f"it holds {words}; write it as text", file=file.path, column=name)


def with_names(kind: str, files: Sequence[InputFile], names: Mapping[str, str]) -> list[Source]:
    """The files with the names of their columns, which are the same in all. Raises `LoadError`."""
    first, *more = (
        Source(file, header.known_names(file.path, file.headers, REQUIRED[kind], names)) for file in files
    )
    for other in more:
        lacks, has = set(first.names) - set(other.names), set(other.names) - set(first.names)
        if lacks or has:
            words = [f"it lacks {', '.join(sorted(lacks))}"] if lacks else []
            words += [
                f"its {name} holds {what}" for name, what in other.file.left_out.items() if name in lacks
            ]
            words += [
                f"{name} there holds {what}" for name, what in first.file.left_out.items() if name in has
            ]
            words += [f"it has {', '.join(sorted(has))} besides"] if has else []
            raise LoadError(
                f"its columns are not those of {first.path}: {' and '.join(words)}", file=other.path
            )
    return [first, *more]


def has_suffix(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(suffixes)
