"""Names of the data like an unknown one; those that differ only in case, spaces or Unicode form first."""

from functools import lru_cache
from heapq import nlargest
from unicodedata import normalize

from duckmart.errors import did_you_mean, nearest

# How many names one hint offers.
OFFERS = 3
# Comparing two names letter by letter is slow: only those that share the most pairs of letters are compared.
CANDIDATES = 10


@lru_cache(4096)
def hint(name: str, names: frozenset[str]) -> str:
    """What to write instead of a name that the data does not have."""
    twins = _twins(names).get(_plain(name), ())
    if not twins:
        return did_you_mean(name, _candidates(name, names)) or "pick one from the data"
    offers = " or ".join(map(repr, twins[:OFFERS]))
    return f"did you mean {offers}? it differs only in {_difference(name, twins[0])}"


@lru_cache(4096)
def alike(name: str, names: frozenset[str]) -> tuple[str, ...]:
    """The names that the hint offers."""
    twins = _twins(names).get(_plain(name), ())
    return tuple(twins[:OFFERS]) or nearest(name, _candidates(name, names))


@lru_cache(256)
def _twins(names: frozenset[str]) -> dict[str, list[str]]:
    """The names by what remains of them without case, spaces and Unicode form."""
    twins: dict[str, list[str]] = {}
    for name in sorted(names):
        twins.setdefault(_plain(name), []).append(name)
    return twins


def _candidates(name: str, names: frozenset[str]) -> list[str]:
    pairs = _pairs(name)
    closest = nlargest(CANDIDATES, _pairs_by_name(names), key=lambda row: len(pairs & row[1]))
    return [candidate for candidate, _ in closest]


@lru_cache(256)
def _pairs_by_name(names: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    return [(name, _pairs(name)) for name in sorted(names)]


def _pairs(name: str) -> frozenset[str]:
    """Every two neighbouring letters, with a space before the first and after the last."""
    edged = f" {_plain(name)} "
    return frozenset(edged[place : place + 2] for place in range(len(edged) - 1))


def _plain(name: str) -> str:
    # Casefolding can undo the normal form, so it is restored after it.
    return normalize("NFKC", " ".join(normalize("NFKC", name).casefold().split()))


def _difference(name: str, twin: str) -> str:
    if normalize("NFC", name) == normalize("NFC", twin):
        return "how its letters are encoded: copy it from the data"
    if name.casefold() == twin.casefold():
        return "letter case"
    return "spaces" if name.split() == twin.split() else "letter case, spaces or Unicode form"
