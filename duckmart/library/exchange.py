"""Saved segments as one JSON document, to move them to another library.

The document holds each live segment as it is now, not its history: versions count the changes in one library,
and in another one an import is one change. The history is in the database, and in its backups.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from duckmart.errors import Exists, Problem, SpecError
from duckmart.library import rows
from duckmart.library.database import rows_of
from duckmart.library.links import check_links, links
from duckmart.library.rows import NewestVersion
from duckmart.library.saved import Action, Details, Saved, check_words, plain
from duckmart.settings import Settings
from duckmart.spec.json_text import Json, read_json, to_json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.spec.values import quote

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The ids that an import made, gave a next version, and found here with the same content."""

    created: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A segment of a document."""

    id: str
    segment: Segment
    details: Details

    def is_here(self, newest: NewestVersion) -> bool:
        saved = newest.saved
        details = Details(saved.name, saved.description, saved.tags, saved.owner)
        return not newest.deleted and details == self.details and saved.spec == plain(self.segment)


def document(saved: Iterable[Saved]) -> str:
    return to_json({"duckmart_library": FORMAT, "segments": [one.as_dict() for one in saved]})


def read_document(text: str | bytes, settings: Settings) -> tuple[DocumentEntry, ...]:
    """The segments of a document. Raises `SpecError` with every problem of every one of them."""
    # A document may hold many specs, of which each alone is within the cap.
    content = read_json(text, settings.model_copy(update={"max_body": 4 * len(text)}))
    if not isinstance(content, dict) or content.get("duckmart_library") != FORMAT:
        hint = "take what `segments export` wrote"
        raise SpecError([Problem("duckmart_library", "wrong_value", f"is not {FORMAT}", hint)])
    listing = content.get("segments")
    if not isinstance(listing, list):
        raise SpecError(
            [Problem("segments", "wrong_type", f"{quote(listing)} is not a list", "write a list")]
        )
    entries: list[DocumentEntry] = []
    problems: list[Problem] = []
    for place, row in enumerate(listing):
        try:
            entries.append(_entry(row, settings))
        except SpecError as error:
            problems += _below(f"segments.{place}", error)
    problems += _twice(entries)
    if problems:
        raise SpecError(problems)
    return tuple(entries)


def import_into(
    connection: Connection, entries: Sequence[DocumentEntry], now: datetime, replacing: bool
) -> ImportResult:
    read = rows_of(connection)
    newest = {one.id: rows.find(read, one.id) for one in entries}
    same = [one for one in entries if (here := newest[one.id]) and one.is_here(here)]
    different = [one for one in entries if one not in same]
    existing = [one.id for one in different if newest[one.id]]
    if existing and not replacing:
        names = ", ".join(map(repr, existing))
        raise Exists(f"here already, with other content or deleted: {names}; nothing was imported", existing)
    check_links(read, {one.id: links(one.segment) for one in different})
    for one in different:
        here = newest[one.id]
        before = here.saved if here else rows.empty(one.id, now)
        saved = rows.following(before, one.details, now)
        rows.add(connection, Action.IMPORTED, replace(saved, spec=plain(one.segment)))
    # All are there by now, whichever refers to which.
    for one in different:
        rows.link(connection, one.id, links(one.segment))
    created = tuple(one.id for one in different if one.id not in existing)
    return ImportResult(created, tuple(existing), tuple(one.id for one in same))


def _entry(row: Json, settings: Settings) -> DocumentEntry:
    if not isinstance(row, dict):
        raise SpecError(
            [Problem("", "wrong_type", f"{quote(row)} is not an object", "write an object: { ... }")]
        )
    problems = list(_shape_problems(row))
    if problems:
        raise SpecError(problems)
    segment_id, tags = row["id"], row.get("tags")
    details = Details(
        row.get("name") or segment_id,
        row.get("description") or "",
        tuple(dict.fromkeys(tags or ())),
        row.get("owner") or "",
    )
    check_words(segment_id, details)
    try:
        return DocumentEntry(segment_id, parse(row["spec"], settings), details)
    except SpecError as error:
        raise SpecError(_below("spec", error)) from None


def _shape_problems(row: Json) -> Iterator[Problem]:
    for key in ("id", "spec"):
        if key not in row:
            yield Problem(key, "missing", "is required", f"add {key!r}")
    for key in ("id", "name", "description", "owner"):
        if not isinstance(row.get(key, ""), str):
            yield Problem(key, "wrong_type", f"{quote(row[key])} is not a text", "write it in double quotes")
    tags = row.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        yield Problem("tags", "wrong_type", f"{quote(tags)} is not a list of texts", 'write ["spring", ...]')


def _twice(entries: Iterable[DocumentEntry]) -> Iterator[Problem]:
    for segment_id, times in Counter(one.id for one in entries).items():
        if times > 1:
            yield Problem(
                "segments", "duplicate_id", f"{segment_id!r} comes {times} times", "keep one of them"
            )


def _below(place: str, error: SpecError) -> list[Problem]:
    """The problems with paths that begin at `place`."""
    return [replace(one, path=f"{place}.{one.path}" if one.path else place) for one in error.problems]
