"""Saved segments, their whole history, and which of them use which."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from duckmart.errors import Exists, InUse, NotFound, Stale, did_you_mean
from duckmart.library import drafts, rows, tables
from duckmart.library.database import Database, Rows, rows_of
from duckmart.library.drafts import StoredDraft
from duckmart.library.exchange import ImportResult, document, import_into, read_document
from duckmart.library.links import check_links, graph, links
from duckmart.library.rows import NewestVersion
from duckmart.library.saved import AS_IT_IS, Action, Details, Revision, Saved, check_words, plain
from duckmart.settings import Settings
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment

__all__ = ["Action", "Details", "ImportResult", "Library", "Revision", "Saved", "StoredDraft"]


class Library:
    """The saved segments at a place: a database URL, or the path of a SQLite file, made by the first save.

    Safe to share between threads and processes. Every change is a revision with the next version number, a
    deletion too. Who changes a segment names the version that he saw, and gets `Stale` if it is not the
    current one. `now` is naive UTC. Everything here raises `LibraryError` when the database cannot be used,
    or when it is gone or empty although it was made once, which the file `made` tells.
    """

    def __init__(self, place: str | Path, made: Path | None = None) -> None:
        self._database = Database(place, made)

    def close(self) -> None:
        """Let go of a shared database's connections."""
        self._database.close()

    @property
    def database(self) -> Database:
        """The tables themselves, for backups."""
        return self._database

    @property
    def specs(self) -> Mapping[str, Json]:
        """Id -> spec of the live segments, as they are whenever it is asked."""
        return Specs(self._database)

    def get(self, segment_id: str) -> Saved:
        """Raises `NotFound`, with the nearest ids, also for a segment that is deleted."""
        with self._database.reading() as read:
            return _live(read, segment_id).saved

    def listed(self) -> tuple[Saved, ...]:
        """The live segments in the order of their ids."""
        with self._database.reading() as read:
            return rows.all_that_are(read, deleted=False)

    def deleted(self) -> tuple[Saved, ...]:
        """The segments that can be restored, likewise."""
        with self._database.reading() as read:
            return rows.all_that_are(read, deleted=True)

    def history(self, segment_id: str) -> tuple[Revision, ...]:
        """Every version, the first one first; a deleted segment has its history too. Raises `NotFound`."""
        with self._database.reading() as read:
            _known(read, segment_id)
            return rows.history(read, segment_id)

    def used_by(self, segment_id: str) -> tuple[str, ...]:
        """The ids of the live segments whose specs refer to this one. Raises `NotFound`."""
        with self._database.reading() as read:
            _live(read, segment_id)
            return rows.users(read, segment_id)

    def leading_to(self, segment_id: str) -> frozenset[str]:
        """The ids of all segments that refer to this one, at any depth, and its own."""
        with self._database.reading() as read:
            references = graph(read)
        segments = [segment_id]
        for here in segments:
            segments += [
                other for other, below in references.items() if here in below and other not in segments
            ]
        return frozenset(segments)

    def save(
        self,
        segment_id: str,
        segment: Segment,
        details: Details = AS_IT_IS,
        *,
        now: datetime,
        version: int | None = None,
        kept: str | None = None,
    ) -> Saved:
        """Save a segment under a new id; or, with the version that is current, change it.

        `kept` is a document of the builder's rows, for `kept_rows`, if there is more to them than the spec.
        Raises `SpecError` for an id or details that cannot be, and for references to segments that are not
        there or lead back here; `Exists`, `NotFound` and `Stale`.
        """
        check_words(segment_id, details)
        with self._database.writing() as connection:
            read = rows_of(connection)
            if version is None:
                _unused(read, segment_id)
                before, action = rows.empty(segment_id, now), Action.CREATED
            else:
                before, action = _current(read, segment_id, version), Action.SAVED
            check_links(read, {segment_id: links(segment)})
            saved = replace(rows.following(before, details, now), spec=plain(segment))
            rows.add(connection, action, saved)
            rows.link(connection, segment_id, links(segment))
            if kept is not None:
                rows.keep(connection, saved, kept)
        return saved

    def kept_rows(self, segment_id: str, version: int) -> str | None:
        """The builder's rows that a version was saved with; None where its spec says all there is."""
        with self._database.reading(tables.kept_rows) as read:
            return rows.kept(read, segment_id, version)

    def describe(self, segment_id: str, details: Details, *, now: datetime, version: int) -> Saved:
        """Change what people say about a segment, its name included. Raises as `save`."""
        check_words(segment_id, details)
        with self._database.writing() as connection:
            saved = rows.following(_current(rows_of(connection), segment_id, version), details, now)
            rows.add(connection, Action.DESCRIBED, saved)
        return saved

    def delete(self, segment_id: str, *, now: datetime, version: int | None = None) -> Saved:
        """Take a segment away; `restore` brings it back. Without a version: whichever is current.

        Raises `InUse`, naming the segments that refer to it; `NotFound` and `Stale`.
        """
        with self._database.writing() as connection:
            read = rows_of(connection)
            before = _current(read, segment_id, version)
            if users := rows.users(read, segment_id):
                words = (
                    f"{segment_id!r} is used by {', '.join(map(repr, users))}; change or delete these first"
                )
                raise InUse(words, users)
            saved = rows.following(before, AS_IT_IS, now)
            rows.add(connection, Action.DELETED, saved)
        return saved

    def restore(self, segment_id: str, *, now: datetime) -> Saved:
        """Bring a deleted segment back as it was.

        Raises `SpecError` if it refers to segments that are gone; `Exists` if it is not deleted; `NotFound`.
        """
        with self._database.writing() as connection:
            read = rows_of(connection)
            newest = _known(read, segment_id)
            if not newest.deleted:
                raise Exists(f"{segment_id!r} is not deleted", [segment_id])
            check_links(read, {segment_id: rows.links_of(read, segment_id)})
            saved = rows.following(newest.saved, AS_IT_IS, now)
            rows.add(connection, Action.RESTORED, saved)
        return saved

    def export(self) -> str:
        """One JSON document of the live segments as they are now, for `import_`."""
        return document(self.listed())

    def import_(
        self, text: str | bytes, *, settings: Settings, now: datetime, replacing: bool = False
    ) -> ImportResult:
        """Add the segments of a document, all or none; one that is here with the same content is left alone.

        `replacing` gives those that are here, deleted or with other content, a next version; otherwise they
        are refused with `Exists`. Raises `SpecError` with every problem of the document.
        """
        entries = read_document(text, settings)
        with self._database.writing() as connection:
            return import_into(connection, entries, now, replacing)

    def draft(self, draft_id: str) -> StoredDraft | None:
        """What was being built under an id; None if nothing was, or nobody touched it for 30 days."""
        with self._database.reading(tables.drafts) as read:
            return drafts.find(read, draft_id)

    def keep_draft(self, draft_id: str, document: str, *, now: datetime, edition: int = 0) -> int:
        """Keep what is being built, and give its next edition; `edition` is the one the caller last saw.

        Raises `Stale` if that is not the newest: somebody else builds under this id. 0 is a new draft.
        """
        with self._database.writing() as connection:
            if edition == 0:
                drafts.add(connection, draft_id, document, now)
            else:
                drafts.change(connection, draft_id, document, now, edition)
        return edition + 1


class Specs(Mapping[str, Json]):
    """The live specs; each look asks the library, so what another process saves is seen at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getitem__(self, segment_id: str) -> Json:
        with self._database.reading() as read:
            newest = rows.find(read, segment_id)
        if newest is None or newest.deleted:
            raise KeyError(segment_id)
        return newest.saved.spec

    def __iter__(self) -> Iterator[str]:
        with self._database.reading() as read:
            return iter(rows.ids(read))

    def __len__(self) -> int:
        with self._database.reading() as read:
            return len(rows.ids(read))


def _known(read: Rows, segment_id: str) -> NewestVersion:
    newest = rows.find(read, segment_id)
    if newest is None:
        words = f"there is no saved segment {segment_id!r}"
        hint = did_you_mean(segment_id, rows.ids(read))
        raise NotFound(f"{words}; {hint}" if hint else words)
    return newest


def _live(read: Rows, segment_id: str) -> NewestVersion:
    newest = _known(read, segment_id)
    if newest.deleted:
        raise NotFound(f"the saved segment {segment_id!r} was deleted; it can be restored")
    return newest


def _current(read: Rows, segment_id: str, version: int | None) -> Saved:
    """The segment to change, if `version` is its current one."""
    saved = _live(read, segment_id).saved
    if version not in (None, saved.version):
        words = f"{segment_id!r} is at version {saved.version} now, not {version}; look at it and try again"
        raise Stale(words, saved.version)
    return saved


def _unused(read: Rows, segment_id: str) -> None:
    newest = rows.find(read, segment_id)
    if newest is None:
        return
    if newest.deleted:
        words = f"{segment_id!r} was a segment that is deleted; restore it first, or choose another id"
    else:
        version = newest.saved.version
        words = f"{segment_id!r} is saved already; to change it, name its version: --version {version}"
    raise Exists(words, [segment_id])
