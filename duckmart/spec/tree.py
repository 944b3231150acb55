"""A segment as a tree: its nodes with their paths, and how many conditions it holds."""

from collections.abc import Iterator
from typing import assert_never

from duckmart.spec.paths import Path
from duckmart.spec.segment import Child, EventFilter, Group, SegmentFilter, SequenceFilter, UserFilter


def walk(group: Group, path: Path = ()) -> Iterator[tuple[Path, Child]]:
    """Every node below `group` with its path, parents first, in the spec's order."""
    for step, child in group.children_with_paths():
        yield path + step, child
        if isinstance(child, Group):
            yield from walk(child, path + step)


def conditions(group: Group) -> int:
    """How many conditions a group holds; filters on properties and steps of sequences count too."""
    return sum(_size(node) for _, node in walk(group))


def _size(node: Child) -> int:
    match node:
        case Group():
            return 0
        case EventFilter():
            return 1 + sum(len(side.where) for _, side in node.sides)
        case SequenceFilter():
            return 1 + sum(1 + len(step.where) for step in node.steps)
        case UserFilter() | SegmentFilter():
            return 1
        case _:
            assert_never(node)
