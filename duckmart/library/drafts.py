"""What is being built, from and to the library's rows: kept for a while, whether it is ever saved or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from duckmart.errors import Stale
from duckmart.library.database import Rows
from duckmart.library.tables import drafts

LIFETIME = timedelta(days=30)
"""How long a draft is kept that nobody touches."""


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as it was last kept; `edition` counts how often that was."""

    document: str
    edition: int


def find(read: Rows, draft_id: str) -> StoredDraft | None:
    rows = read(select(drafts.c.document, drafts.c.edition).where(drafts.c.id == draft_id))
    return StoredDraft(rows[0].document, rows[0].edition) if rows else None


def add(connection: Connection, draft_id: str, document: str, now: datetime) -> None:
    """The first edition of a draft; those that nobody touched for long go."""
    connection.execute(delete(drafts).where(drafts.c.updated < now - LIFETIME))
    connection.execute(insert(drafts).values(id=draft_id, edition=1, updated=now, document=document))


def change(connection: Connection, draft_id: str, document: str, now: datetime, edition: int) -> None:
    """The next edition after `edition`. Raises `Stale` if somebody else made that, or nothing is there."""
    same = (drafts.c.id == draft_id) & (drafts.c.edition == edition)
    statement = update(drafts).where(same).values(edition=edition + 1, updated=now, document=document)
    if connection.execute(statement).rowcount != 1:
        raise Stale(f"the draft {draft_id!r} is edited elsewhere, or was dropped", edition)
