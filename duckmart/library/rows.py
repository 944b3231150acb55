"""Saved segments from and to the library's rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import simplejson
from sqlalchemy import Connection, Row, delete, insert, literal, select, update

from duckmart.errors import Stale
from duckmart.library.database import Rows
from duckmart.library.saved import Action, Details, Revision, Saved
from duckmart.library.tables import kept_rows, references, revisions, segments
from duckmart.spec.json_text import Json


@dataclass(frozen=True, slots=True)
class NewestVersion:
    """The newest version of a segment, live or deleted."""

    saved: Saved
    deleted: bool


WITH_CREATED = revisions.join(segments, revisions.c.segment == segments.c.id)
VERSIONS = select(revisions, segments.c.created, segments.c.deleted).select_from(WITH_CREATED)
NEWEST = VERSIONS.where(revisions.c.version == segments.c.version)
# What leaves the spec as it is leaves the rows as they are.
SAME_SPEC = (Action.DESCRIBED, Action.DELETED, Action.RESTORED)


def find(read: Rows, segment_id: str) -> NewestVersion | None:
    rows = read(NEWEST.where(segments.c.id == segment_id))
    return NewestVersion(_saved(rows[0]), rows[0].deleted) if rows else None


def all_that_are(read: Rows, deleted: bool) -> tuple[Saved, ...]:
    matches = (_saved(row) for row in read(NEWEST.where(segments.c.deleted.is_(deleted))))
    return tuple(sorted(matches, key=lambda saved: saved.id))


def ids(read: Rows) -> list[str]:
    """Of the live segments."""
    return sorted(row.id for row in read(select(segments.c.id).where(segments.c.deleted.is_(False))))


def history(read: Rows, segment_id: str) -> tuple[Revision, ...]:
    rows = read(VERSIONS.where(segments.c.id == segment_id).order_by(revisions.c.version))
    return tuple(Revision(Action(row.action), _saved(row)) for row in rows)


def users(read: Rows, segment_id: str) -> tuple[str, ...]:
    """The live segments that refer to this one."""
    question = (
        select(segments.c.id)
        .join(references, references.c.segment == segments.c.id)
        .where(references.c.used == segment_id, segments.c.deleted.is_(False))
    )
    return tuple(sorted(row.id for row in read(question)))


def links_of(read: Rows, segment_id: str) -> dict[str, str]:
    """The ids that the segment refers to, with the place in its spec."""
    question = select(references.c.used, references.c.path).where(references.c.segment == segment_id)
    return {row.used: row.path for row in read(question)}


def empty(segment_id: str, now: datetime) -> Saved:
    """A segment before its first version."""
    return Saved(segment_id, segment_id, "", (), "", {}, now, now, 0)


def following(before: Saved, details: Details, now: datetime) -> Saved:
    """The next version, with what the details name changed."""
    changes = {key: value for key in Details.__slots__ if (value := getattr(details, key)) is not None}
    if details.tags is not None:
        changes["tags"] = tuple(dict.fromkeys(details.tags))
    return replace(before, **changes, updated=now, version=before.version + 1)


def add(connection: Connection, action: Action, saved: Saved) -> None:
    """The next version of a segment. Raises `Stale` if it is not the next, whoever let that happen."""
    head = {"version": saved.version, "deleted": action is Action.DELETED}
    if saved.version == 1:
        connection.execute(insert(segments).values(id=saved.id, created=saved.created, **head))
    else:
        same = (segments.c.id == saved.id) & (segments.c.version == saved.version - 1)
        if connection.execute(update(segments).where(same).values(**head)).rowcount != 1:
            raise Stale(f"{saved.id!r} has just been changed; look at it and try again", saved.version)
    content = {"name": saved.name, "description": saved.description, "owner": saved.owner}
    texts = {"tags": _compact(saved.tags), "spec": _compact(saved.spec)}
    when = {"segment": saved.id, "version": saved.version, "updated": saved.updated, "action": str(action)}
    connection.execute(insert(revisions).values(**when, **content, **texts))
    if action in SAME_SPEC:
        _keep_again(connection, saved)


def keep(connection: Connection, saved: Saved, document: str) -> None:
    """The rows that a version was saved with."""
    place = {"segment": saved.id, "version": saved.version}
    connection.execute(insert(kept_rows).values(**place, document=document))


def kept(read: Rows, segment_id: str, version: int) -> str | None:
    here = (kept_rows.c.segment == segment_id) & (kept_rows.c.version == version)
    rows = read(select(kept_rows.c.document).where(here))
    return str(rows[0].document) if rows else None


def _keep_again(connection: Connection, saved: Saved) -> None:
    """The rows of the version before are those of this one."""
    before = (kept_rows.c.segment == saved.id) & (kept_rows.c.version == saved.version - 1)
    again = select(kept_rows.c.segment, literal(saved.version), kept_rows.c.document).where(before)
    connection.execute(insert(kept_rows).from_select(["segment", "version", "document"], again))


def link(connection: Connection, segment_id: str, paths: Mapping[str, str]) -> None:
    """Note what the segment's spec refers to, and nothing else."""
    connection.execute(delete(references).where(references.c.segment == segment_id))
    rows = [{"segment": segment_id, "used": other, "path": path} for other, path in paths.items()]
    if rows:
        connection.execute(insert(references), rows)


def _saved(row: Row[Any]) -> Saved:
    return Saved(
        id=row.segment,
        name=row.name,
        description=row.description,
        tags=tuple(simplejson.loads(row.tags)),
        owner=row.owner,
        spec=simplejson.loads(row.spec, use_decimal=True),
        created=row.created,
        updated=row.updated,
        version=row.version,
    )


def _compact(value: Json) -> str:
    return simplejson.dumps(value, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
