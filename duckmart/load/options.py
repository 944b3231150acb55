"""What the user says of the files to load."""

from collections.abc import Callable
from dataclasses import dataclass

from duckmart.load.overrides import NullMarker, TypeOverride
from duckmart.load.pairs import Pair
from duckmart.load.report import LoadReport


def accept_all(_report: LoadReport) -> None:
    pass


@dataclass(frozen=True)
class Options:
    """How to read the files: which header is which column, and whether one bad cell refuses them all.

    `types` and `nulls` say what columns hold, and what stands for no value, where their cells leave a doubt.
    `review` is called with the report just before the switch; if it raises, nothing is switched.
    """

    pairs: tuple[Pair, ...] = ()
    strict: bool = False
    review: Callable[[LoadReport], None] = accept_all
    types: tuple[TypeOverride, ...] = ()
    nulls: tuple[NullMarker, ...] = ()
