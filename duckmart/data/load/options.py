"""What the user says of the files to load."""

from collections.abc import Callable
from dataclasses import dataclass

from duckmart.data.generation import Generation
from duckmart.data.load.overrides import NullMarker, TypeOverride
from duckmart.data.load.pairs import Pair
from duckmart.data.load.report import LoadReport


def no_review(_draft: Generation, report: LoadReport) -> LoadReport:
    return report


def refuse(_report: LoadReport) -> bool:
    return False


@dataclass(frozen=True)
class Options:
    """How to read the files: which header is which column, and whether one bad cell refuses them all.

    `types` and `nulls` say what columns hold, and what stands for no value, where their cells leave a doubt.
    `review` is called with the report just before the switch; if it raises, nothing is switched.
    """

    pairs: tuple[Pair, ...] = ()
    strict: bool = False
    review: Callable[[Generation, LoadReport], LoadReport] = no_review
    accept_loss: bool = False
    dry_run: bool = False
    demo: bool = False
    confirm: Callable[[LoadReport], bool] = refuse
    types: tuple[TypeOverride, ...] = ()
    nulls: tuple[NullMarker, ...] = ()
