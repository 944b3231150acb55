"""Members with those who entered and left since an earlier run: ids, a table, or the API's answer."""

from collections.abc import Iterable
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from duckmart.errors import Problem
from duckmart.export import ROWS_AT_A_TIME, Write, answer, content_writer
from duckmart.library.changes import Changes, same_type
from duckmart.mart import Audience
from duckmart.spec.segment import Segment


def with_changes(table: pa.Table, changes: Changes, limit: int | None) -> pa.Table:
    """The members' table with a second column, `change`; below them those who left, without attributes.

    The limit cuts users who stayed, in the order of the table; users who entered are always there.
    """
    ids, leavers = same_type(table.column(0), changes.left)
    entered = pc.is_in(table.column(0), value_set=changes.entered)
    words = pc.if_else(entered, "entered", "stayed")
    key, *attributes = table.column_names
    members = pa.table([ids, words, *table.columns[1:]], names=[key, "change", *attributes])
    if limit is not None:
        members = members.filter(pc.or_(entered, pc.less(pa.array(range(len(table))), limit)))
    leaver_rows = pa.table([leavers, pa.array(["left"] * len(leavers), pa.string())], names=[key, "change"])
    return pa.concat_tables([members, leaver_rows], promote_options="default")


def changed_ids_writer(table: pa.Table) -> Write:
    """No header: an id, a tab, and what changed."""

    def write(file: IO[bytes]) -> None:
        for batch in table.to_batches(ROWS_AT_A_TIME):
            pairs = zip(*(cells.to_pylist() for cells in batch.columns), strict=True)
            file.write("".join(f"{user_id}\t{change}\n" for user_id, change in pairs).encode())

    return write


def changed_json_writer(
    audience: Audience, segment: Segment, warnings: Iterable[Problem], changes: Changes
) -> Write:
    """The API's answer, and the ids of those who `entered` and `left`."""
    more = {"entered": changes.entered, "left": changes.left}
    return content_writer(
        lambda: (
            answer(audience, segment, warnings)
            | {key: (user_id.as_py() for user_id in ids) for key, ids in more.items()}
        )
    )
