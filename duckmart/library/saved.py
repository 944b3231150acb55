"""A saved segment as people see it: its spec, what they call it, and the revisions it went through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import simplejson

from duckmart.errors import Problem, SpecError
from duckmart.instants import stamp
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment
from duckmart.spec.values import SEGMENT_ID, quote

LONGEST = {"name": 200, "description": 10_000, "owner": 200}
LONGEST_TAG = 64
MOST_TAGS = 50


class Action(StrEnum):
    """What made a revision."""

    CREATED = "created"
    SAVED = "saved"
    DESCRIBED = "described"
    DELETED = "deleted"
    RESTORED = "restored"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Details:
    """What people say about a segment; None leaves it as it is, at first the id as name and nothing else."""

    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    owner: str | None = None


AS_IT_IS = Details()


@dataclass(frozen=True, slots=True)
class Saved:
    """A segment as one version left it; the spec is plain JSON values, canonical, its numbers exact.

    `created` and `updated` are naive UTC.
    """

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    owner: str
    spec: Json
    created: datetime
    updated: datetime
    version: int

    def as_dict(self) -> dict[str, Json]:
        times = {"created": stamp(self.created), "updated": stamp(self.updated)}
        return {key: getattr(self, key) for key in self.__slots__} | {"tags": list(self.tags)} | times


@dataclass(frozen=True, slots=True)
class Revision:
    """What was done to a segment, and the segment after it."""

    action: Action
    saved: Saved

    def as_dict(self) -> dict[str, Json]:
        return {"action": str(self.action)} | self.saved.as_dict()


def plain(segment: Segment) -> Json:
    """The canonical spec as a reader of its JSON gets it."""
    return simplejson.loads(segment.as_json(), use_decimal=True)


def check_words(segment_id: str, details: Details) -> None:
    """Raises `SpecError` with everything that is wrong with an id and with what is said about it."""
    problems = [*_id_problems(segment_id), *_detail_problems(details)]
    if problems:
        raise SpecError(problems)


def _id_problems(segment_id: str) -> Iterator[Problem]:
    if not SEGMENT_ID.fullmatch(segment_id):
        hint = "write 1 to 64 letters a-z, A-Z, digits, _ and -"
        yield Problem("id", "bad_id", f"{quote(segment_id)} cannot be an id", hint)


def _detail_problems(details: Details) -> Iterator[Problem]:
    if details.name == "":
        yield Problem("name", "empty", "is an empty name", "write one, or leave it out")
    for key, most in LONGEST.items():
        yield from _text_problems(key, getattr(details, key), most)
    tags = details.tags or ()
    if len(tags) > MOST_TAGS:
        yield Problem("tags", "too_many", f"are {len(tags)} tags", f"at most {MOST_TAGS} are allowed")
    for place, tag in enumerate(tags[:MOST_TAGS]):
        if not tag.strip():
            yield Problem(f"tags.{place}", "empty", "is an empty tag", "write one, or leave it out")
        yield from _text_problems(f"tags.{place}", tag, LONGEST_TAG)


def _text_problems(path: str, text: str | None, most: int) -> Iterator[Problem]:
    if text is None:
        return
    if len(text) > most:
        yield Problem(path, "too_long", f"has {len(text):,} characters", f"at most {most:,} are allowed")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        yield Problem(path, "bad_text", "holds a NUL or half a character", "remove it")
