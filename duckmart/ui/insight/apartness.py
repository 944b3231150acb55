"""What the cards about attributes and about events say alike of what sets members apart."""

from duckmart.insight.findings import FEW, Index
from duckmart.spec.words import quantity
from duckmart.ui.insight import dot_plot

SCALE = "1×, in gold, means alike. Lines are 95 % intervals"
TOO_FEW = "too few to tell alike from unlike"


def nothing(members: int, everyone: int) -> str:
    """Why a card has no finding, when there were members and others to compare."""
    if min(members, everyone - members) < FEW:
        who = quantity(members, "member") if members < FEW else "so few users outside the segment"
        return f"Nothing sets them apart beyond chance. With {who}, only a large difference would show."
    return (
        "Nothing sets them apart: members differ from everyone else no more than "
        f"{members:,} users drawn at random would."
    )


def left_out(names: str) -> str:
    """A sentence about the attributes or events of the segment itself, to append; empty without `names`."""
    reason = "because the segment itself or a saved one in it asks about them"
    return f" Left out, {reason}: {names}." if names else ""


def factors(index: Index | None) -> dict[str, object]:
    """The columns of an index against everyone else, and of its interval, in a card's table."""
    return {
        "Times everyone else": index and dot_plot.factor(index.value),
        "at least": index and dot_plot.factor(index.low),
        "at most": index and dot_plot.factor(index.high),
    }
