"""Which users entered and left a saved segment between two runs."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Changes:
    """Who is a member and was none, and the other way round; each in the order of its run."""

    entered: pa.ChunkedArray
    left: pa.ChunkedArray


def changes(members: pa.ChunkedArray, before: pa.ChunkedArray) -> Changes:
    """Who entered and left between two runs; ids are compared as text where the data changed their type."""
    now, then = same_type(members, before)
    entered = members.filter(pc.invert(pc.is_in(now, value_set=then)))
    return Changes(entered, before.filter(pc.invert(pc.is_in(then, value_set=now))))


def same_type(one: pa.ChunkedArray, other: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Two columns of ids, as text where the data changed their type from or to whole numbers."""
    if one.type == other.type:
        return one, other
    both_integers = pa.types.is_integer(one.type) and pa.types.is_integer(other.type)
    kind = pa.int64() if both_integers else pa.string()
    return one.cast(kind), other.cast(kind)
