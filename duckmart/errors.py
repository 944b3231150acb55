"""Every error DuckMart raises on purpose; doors map them once to a status, an exit code or a message."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class Phrase(str):
    """A sentence in the JSON's terms; a page fills its template with the page's terms."""

    template: str
    terms: Mapping[str, object]


def phrase(template: str, /, **terms: object) -> str:
    """The template filled with the terms as the JSON writes them: paths, keys, operators' names."""
    text = Phrase(template.format(**{name: _in_json(term) for name, term in terms.items()}))
    text.template, text.terms = template, terms
    return text


class Key(str):
    """A key of the JSON, as a term of a phrase."""


class SavedId(str):
    """The id of a saved segment, as a term of a phrase."""


@dataclass(frozen=True, slots=True)
class ConditionPlace:
    """Another condition that a problem is about, as a term of a phrase: its path, and what it says."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path} ({self.words})"


def _in_json(term: object) -> str:
    if not isinstance(term, tuple):
        return str(term)
    separator = {ConditionPlace: " and ", SavedId: " → "}.get(type(term[0]), ", ") if term else ""
    return separator.join(map(str, term))


@dataclass(frozen=True, slots=True)
class Repair:
    """An edit that fixes a condition: what its button says, and the keys to set in it; None removes a key."""

    label: str
    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or, as a warning, suspicious) in a spec: where, what, and what to do.

    `instead` are names that the data has, for the one at the path: a builder offers them as repairs, beside
    the `repairs` of the whole condition. `about` are the paths of the other conditions that it is about.
    """

    path: str
    code: str
    message: str
    hint: str = ""
    instead: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    about: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        keys = {"path": self.path, "code": self.code, "message": self.message, "hint": self.hint}
        return keys | ({"about": list(self.about)} if self.about else {})

    def __str__(self) -> str:
        words = f"{self.path}: {self.message}" if self.path else self.message
        return f"{words} ({self.hint})" if self.hint else words


def nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """At most three known names like `name`, the nearest first; letter case does not keep two names apart."""
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    return tuple(folded[match] for match in get_close_matches(name.casefold(), folded, n=3, cutoff=0.6))


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint that offers the nearest names, or nothing."""
    names = " or ".join(repr(str(near)) for near in nearest(name, candidates))
    return f"did you mean {names}?" if names else ""


class DuckMartError(Exception):
    """The root of the tree; its text is fit to show to a user."""

    code = "error"
    status = 500
    exit_code = 1
    retry_after: int | None = None
    """Seconds after which it makes sense to ask again; None if it does not."""


class SettingsError(DuckMartError):
    """An environment variable has a value that makes no sense; says which, and what would."""

    code = "settings"
    status = 503


class SpecError(DuckMartError):
    """The spec cannot be run; `problems` names everything that is wrong with it at once."""

    code = "spec"
    status = 422
    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class TooLarge(SpecError):
    """The spec is over a cap, so nothing else in it was looked at."""


class LoadError(DuckMartError):
    """Input files or the data folder cannot be used; says which file and where in it."""

    code = "load"
    status = 422

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.file, self.line, self.column = file, line, column
        place = [
            f"{file}" if file else "",
            f"line {line}" if line else "",
            f"column {column!r}" if column else "",
        ]
        where = ", ".join(part for part in place if part)
        super().__init__(f"{where}: {message}" if where else message)


class LossError(LoadError):
    """A load or append would lose rows or users, and nobody said that this is meant; `losses` says what."""

    code = "loss"

    def __init__(self, losses: Sequence[str]) -> None:
        self.losses = tuple(losses)
        super().__init__(
            "\n".join(
                [
                    "nothing is switched, the data served so far stays, as this would lose data:",
                    *losses,
                    "if it is meant, say so: --accept-loss",
                ]
            )
        )


class LibraryError(DuckMartError):
    """The library of saved segments, or the kept runs, cannot be read or written."""

    code = "library"
    status = 503


class DamagedLibrary(LibraryError):
    """The library is there but damaged, so it can only be replaced by a backup."""


class NotFound(LibraryError):
    """There is no such saved segment, or no such run of it."""

    code = "not_found"
    status = 404


class Exists(LibraryError):
    """The id belongs to a segment already, so nothing was written; `ids` are those taken."""

    code = "exists"
    status = 409

    def __init__(self, message: str, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        super().__init__(message)


class InUse(LibraryError):
    """Other segments refer to this one, so it stays; `users` are their ids."""

    code = "in_use"
    status = 409

    def __init__(self, message: str, users: Sequence[str]) -> None:
        self.users = tuple(users)
        super().__init__(message)


class Stale(LibraryError):
    """The segment has changed since the caller read it, so nothing was written; `current` is its version."""

    code = "stale"
    status = 412

    def __init__(self, message: str, current: int) -> None:
        self.current = current
        super().__init__(message)


class EngineError(DuckMartError):
    """The engine did not answer."""

    code = "engine"
    status = 502
    exit_code = 3


class Unavailable(EngineError):
    """There is no data to ask, or it cannot be opened."""

    code = "unavailable"
    status = 503


class Preparing(Unavailable):
    """The data is being made or opened; ask again shortly."""

    retry_after = 2


class Overloaded(EngineError):
    """Too many questions at once; ask again shortly."""

    code = "overloaded"
    status = 503
    retry_after = 1


class Timeout(EngineError):
    """The query ran longer than the setting allows and was stopped."""

    code = "timeout"
    status = 504


class Failed(EngineError):
    """The engine refused or broke on a query: a defect of ours, or a damaged file."""

    code = "failed"
    status = 502


class Cancelled(EngineError):
    """The caller no longer wants the answer."""

    code = "cancelled"
    status = 499
