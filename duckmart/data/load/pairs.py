"""One pair of a mapping: a column and the header it has in the files."""

from dataclasses import dataclass

from duckmart.data.load.header import REQUIRED

ONLY_EVENTS = set(REQUIRED["events"]) - set(REQUIRED["users"])


@dataclass(frozen=True)
class Pair:
    """The column `ours` is called `theirs` in files of this kind; without a kind, where one is called so."""

    ours: str
    theirs: str
    kind: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        if self.kind:
            return (self.kind,)
        return ("events",) if self.ours in ONLY_EVENTS else ("users", "events")

    def __str__(self) -> str:
        return f"{self.kind}.{self.ours}={self.theirs}" if self.kind else f"{self.ours}={self.theirs}"
