"""Which header of the input files is read as which column: `ours=theirs` pairs, or a JSON file of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from duckmart.data.load.header import REQUIRED, clean
from duckmart.data.load.options import Options
from duckmart.data.load.overrides import read_null, read_type
from duckmart.data.load.pairs import Pair
from duckmart.errors import LoadError, did_you_mean

PARTS: dict[str, type[dict[str, str]] | type[list[str]]] = {
    "users": dict,
    "events": dict,
    "types": dict,
    "null": list,
}


def read_options(
    words: Iterable[str], types: Iterable[str] = (), nulls: Iterable[str] = (), *, strict: bool = False
) -> Options:
    """What `--map`, `--type` and `--null` say; files among the first hold all three."""
    words = list(words)
    files = [read_content(Path(word)) for word in words if Path(word).is_file()]
    types = [f"{name}={type_}" for file in files for name, type_ in file.get("types", {}).items()] + [*types]
    nulls = [marker for file in files for marker in file.get("null", [])] + [*nulls]
    return Options(
        read_pairs(words),
        strict,
        types=tuple(map(read_type, types)),
        nulls=tuple(map(read_null, nulls)),
    )


def saved(options: Options, header_names: Mapping[str, Mapping[str, str]]) -> str:
    """The content of a mapping file that says the same: `header_names` is theirs to ours, for each kind."""
    content: dict[str, Any] = {
        kind: {ours: theirs for theirs, ours in names.items()}
        for kind, names in header_names.items()
        if names
    }
    if options.types:
        content["types"] = {str(override): override.type for override in options.types}
    if options.nulls:
        content["null"] = [str(marker) for marker in options.nulls]
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_pairs(words: Iterable[str]) -> tuple[Pair, ...]:
    """What follows each `--map`: `ours=theirs`, `users.ours=theirs`, or the path of a mapping file."""
    pairs: list[Pair] = []
    for word in words:
        if Path(word).is_file():
            pairs += read_file(Path(word))
        elif "=" in word:
            pairs.append(read_pair(word))
        else:
            raise LoadError("a mapping is written ours=theirs, or is a file; this is neither", file=word)
    return tuple(pairs)


def read_pair(word: str) -> Pair:
    ours, _, theirs = (clean(part) for part in word.partition("="))
    kind, dot, rest = ours.partition(".")
    return complete(Pair(rest, theirs, kind) if dot and kind in REQUIRED else Pair(ours, theirs), word)


def read_file(path: Path) -> list[Pair]:
    """The pairs of a mapping file."""
    return [
        complete(Pair(clean(ours), clean(str(theirs)), kind), path)
        for kind, part in read_content(path).items()
        if kind in REQUIRED
        for ours, theirs in part.items()
    ]


def read_content(path: Path) -> dict[str, Any]:
    """`{"users": {"user_id": "no"}, "types": {"price": "number"}, "null": ["-"]}`, each part optional."""
    try:
        content = json.loads(path.read_text("utf-8-sig"), object_pairs_hook=without_repeats)
    except (ValueError, OSError) as error:
        raise LoadError(f"this mapping file cannot be read: {error}", file=path) from error
    shape = 'a mapping file holds {"users": {"user_id": "their header"}, "events": {...}}'
    if not isinstance(content, dict):
        raise LoadError(shape, file=path)
    for part, inside in content.items():
        if part not in PARTS:
            hint = did_you_mean(part, PARTS) or f"known: {', '.join(PARTS)}"
            raise LoadError(f"the mapping has an unknown part {part!r} ({hint})", file=path)
        if not isinstance(inside, PARTS[part]):
            raise LoadError(f'{shape}; "types": {{"price": "number"}}, "null": ["-"]', file=path)
        if not all(
            isinstance(text, str) for text in (inside.values() if isinstance(inside, dict) else inside)
        ):
            raise LoadError(f"{part!r} holds something that is no text", file=path)
    return content


def without_repeats(entries: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(entries)
    if len(content) < len(entries):
        names = [name for name, _ in entries]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twin!r} is there twice")
    return content


def complete(pair: Pair, place: Path | str) -> Pair:
    if not pair.ours or not pair.theirs:
        raise LoadError("a mapping needs a name on both sides: ours=theirs", file=place)
    return pair


def renames(pairs: Sequence[Pair], headers: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """For each kind of file: its headers that are to be read under another name.

    A pair for one kind comes before a pair for whichever file has the header. Raises `LoadError` for a header
    that no file has, with the nearest ones, and for a name or a header that is mapped twice.
    """
    by_kind: dict[str, dict[str, Pair]] = {kind: {} for kind in headers}
    for pair in sorted(pairs, key=lambda pair: pair.kind is None):
        hits = {kind: find(pair.theirs, headers[kind]) for kind in pair.kinds if kind in headers}
        if not any(hits.values()):
            raise LoadError(no_header(pair, headers))
        for kind, header in hits.items():
            if header:
                choose(by_kind[kind], header, pair, kind)
    return {kind: {header: pair.ours for header, pair in by.items()} for kind, by in by_kind.items()}


def find(name: str, headers: Sequence[str]) -> str | None:
    """The header of this name, letter case ignored where that leaves one."""
    if name in headers:
        return name
    alike = [header for header in headers if header.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def choose(pairs: dict[str, Pair], new_header: str, pair: Pair, kind: str) -> None:
    for header, other in pairs.items():
        if header != new_header and other.ours.casefold() != pair.ours.casefold():
            continue
        if other.kind and not pair.kind:
            return
        if other != pair:
            raise LoadError(
                f"the mapping says both {other} and {pair}, of which the {kind} can have only one"
            )
    pairs[new_header] = pair


def no_header(pair: Pair, headers: Mapping[str, Sequence[str]]) -> str:
    candidates = [header for kind in pair.kinds for header in headers.get(kind, ())]
    hint = did_you_mean(pair.theirs, candidates) or f"found: {', '.join(candidates)}"
    for kind, some in headers.items():
        if kind not in pair.kinds and find(pair.theirs, some):
            hint += f"; the {kind} have one: are the two swapped?"
    return (
        f"the mapping {pair}: no column of the {' or '.join(pair.kinds)} is called {pair.theirs!r} ({hint})"
    )
