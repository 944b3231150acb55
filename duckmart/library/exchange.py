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
class Imported:
    """The ids that an import made, gave a next version, and found here with the same content."""

    created: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A segment of a document."""

    id: str
    segment: Segment
    details: Details

    def is_here(self, found: NewestVersion) -> bool:
        here = found.saved
        details = Details(here.name, here.description, here.tags, here.owner)
        return not found.deleted and details == self.details and here.spec == plain(self.segment)


def document(saved: Iterable[Saved]) -> str:
    return to_json({"duckmart_library": FORMAT, "segments": [one.as_dict() for one in saved]})


def read_document(text: str | bytes, settings: Settings) -> tuple[Wanted, ...]:
    """The segments of a document. Raises `SpecError` with every problem of every one of them."""
    # A document may hold many specs, of which each alone is within the cap.
    given = read_json(text, settings.model_copy(update={"max_body": 4 * len(text)}))
    if not isinstance(given, dict) or given.get("duckmart_library") != FORMAT:
        hint = "take what `segments export` wrote"
        raise SpecError([Problem("duckmart_library", "wrong_value", f"is not {FORMAT}", hint)])
    listed = given.get("segments")
    if not isinstance(listed, list):
        raise SpecError([Problem("segments", "wrong_type", f"{quote(listed)} is not a list", "write a list")])
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    for place, row in enumerate(listed):
        try:
            wanted.append(_wanted(row, settings))
        except SpecError as error:
            problems += _below(f"segments.{place}", error)
    problems += _twice(wanted)
    if problems:
        raise SpecError(problems)
    return tuple(wanted)


def import_into(connection: Connection, wanted: Sequence[Wanted], now: datetime, replacing: bool) -> Imported:
    read = rows_of(connection)
    found = {one.id: rows.find(read, one.id) for one in wanted}
    same = [one for one in wanted if (here := found[one.id]) and one.is_here(here)]
    changed = [one for one in wanted if one not in same]
    taken = [one.id for one in changed if found[one.id]]
    if taken and not replacing:
        names = ", ".join(map(repr, taken))
        raise Exists(f"here already, with other content or deleted: {names}; nothing was imported", taken)
    check_links(read, {one.id: links(one.segment) for one in changed})
    for one in changed:
        here = found[one.id]
        before = here.saved if here else rows.empty(one.id, now)
        saved = rows.following(before, one.details, now)
        rows.add(connection, Action.IMPORTED, replace(saved, spec=plain(one.segment)))
    # All are there by now, whichever refers to which.
    for one in changed:
        rows.link(connection, one.id, links(one.segment))
    made = tuple(one.id for one in changed if one.id not in taken)
    return Imported(made, tuple(taken), tuple(one.id for one in same))


def _wanted(row: Json, settings: Settings) -> Wanted:
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
        return Wanted(segment_id, parse(row["spec"], settings), details)
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


def _twice(wanted: Iterable[Wanted]) -> Iterator[Problem]:
    for segment_id, times in Counter(one.id for one in wanted).items():
        if times > 1:
            yield Problem(
                "segments", "duplicate_id", f"{segment_id!r} comes {times} times", "keep one of them"
            )


def _below(place: str, error: SpecError) -> list[Problem]:
    """The problems with paths that begin at `place`."""
    return [replace(one, path=f"{place}.{one.path}" if one.path else place) for one in error.problems]
