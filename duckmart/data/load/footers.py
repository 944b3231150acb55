"""Sums and remarks at the end of a file, which are no rows, told by their id and their empty cells."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from duckmart.data.load.quotes import kind_of

FOOTER = "a footer, not a row"
MOST_FOOTERS = 3
"""Rows at the end of a file that may be footers."""
FOOTER_SAMPLE = 1000
"""Ids that tell what ids look like."""

WORDS = re.compile(
    r"(grand[ -]?|sub[ -]?)?totals?( .*)?|total[ei]?( .*)?|sum|summe|gesamt(summe)?|zwischensumme|totaal|suma"
    r"|razem|somme|soma|итого|всего|合計|总计|合计|averages?|mean|durchschnitt|count|anzahl|rows|records"
    r"|(rows?|records?|count|anzahl|totals?|sum(me)?|gesamt) ?[:=] ?[\d.,]+( .*)?"
    r"|\(?[\d.,]+ (rows?|records?)( .*)?|end of (report|file)",
    re.IGNORECASE,
)


def footers(rows: Sequence[tuple[int, str | None, Sequence[Any]]], usual: str) -> list[int]:
    """Which of these last rows (number, id, further cells) are footers, the last first."""
    numbers = []
    for number, user_id, cells in reversed(rows):
        if user_id is None:
            continue
        if not is_footer(user_id, cells, usual):
            break
        numbers.append(number)
    return numbers


def is_footer(user_id: str, cells: Sequence[Any], usual: str) -> bool:
    """A word for a sum beside an empty cell or among other ids; or an unlike id with hardly a cell filled."""
    empty = sum(cell is None for cell in cells)
    unlike = bool(usual) and kind_of(user_id.encode()) != usual
    is_word = WORDS.fullmatch(user_id.strip(" :*-=")) is not None
    return (is_word and (unlike or empty > 0)) or (unlike and 2 * empty > len(cells))


def usual_id(ids: Sequence[str]) -> str:
    """What ids look like, if all but some at the end of the sample do; else nothing."""
    if len(ids) < 2:
        return ""
    ((kind, times),) = Counter(kind_of(one.encode()) for one in ids).most_common(1)
    return kind if times >= 0.95 * (len(ids) - MOST_FOOTERS) and times * 2 > len(ids) else ""
