"""An explanation: of a user, of each condition, and the change that would make a condition hold."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from duckmart import instants
from duckmart.catalog import Cell, Value
from duckmart.compile.query import Plain
from duckmart.insight.explain.choice import UserEvent
from duckmart.spec.paths import Path, dotted


@dataclass(frozen=True, slots=True)
class Change:
    """The one value of a spec that, changed, makes a condition hold for a user.

    `path` leads to it in the spec; of a list it may be the place after the last, which adds the value.
    """

    path: Path
    value: Plain
    words: str

    def as_dict(self) -> dict[str, Any]:
        return {"path": dotted(self.path), "value": self.value, "words": self.words}


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition: whether it held for a user, and on what.

    `value` is what it compared: an attribute, a measure (0 for users who never did it), days since an event;
    of a group it is how many of its direct children held; None where there is none. `events` are the first
    that counted, at most three; of a sequence, those of one choice that fits. `change` is for conditions that
    failed; None if no single value would make the condition hold. `than` is the other measure or field of a
    condition that compares two.
    """

    # The fields have the names of the JSON's keys.
    path: Path
    line: str
    held: bool
    value: Value
    words: str
    events: tuple[UserEvent, ...] = ()
    change: Change | None = None
    than: Cell | None = None

    def as_dict(self) -> dict[str, Any]:
        other = {} if self.than is None else {"than": _json(self.than)}
        return {
            "path": dotted(self.path),
            "line": self.line,
            "held": self.held,
            "value": _json(self.value),
            **other,
            "words": self.words,
            "events": [event.as_dict() for event in self.events],
            "change": self.change.as_dict() if self.change else None,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a user is a member or not: the conditions in the order of `walk`, nested ones after their group.

    `held` is the root's answer, `sampled` whether a sample with a percentage keeps the user, and `variant`
    a member's arm of a split; None where the spec has none. A user who is not `known` has no conditions.
    """

    user_id: str | int
    known: bool
    member: bool = False
    held: bool = False
    sampled: bool | None = None
    variant: str | None = None
    conditions: tuple[Reason, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without keys for a sample or split that the spec does not have."""
        fields: dict[str, Any] = {"user_id": self.user_id, "known": self.known}
        if not self.known:
            return fields
        fields |= {"member": self.member, "held": self.held}
        fields |= {"sampled": self.sampled} if self.sampled is not None else {}
        fields |= {"variant": self.variant} if self.variant is not None else {}
        return fields | {"conditions": [reason.as_dict() for reason in self.conditions]}


def _json(value: Value) -> Any:
    match value:
        case datetime():
            return instants.stamp(value)
        case date():
            return value.isoformat()
        case _:
            return value
