"""How the root's conditions overlap, and who nearly made it."""

from duckmart.mart import Size
from duckmart.segment import Segment


def show(segment: Segment, size: Size) -> None:
    """How the root's conditions overlap, and who nearly made it."""
