"""The base of all models of a spec, and what those that compare users share."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, model_validator

from duckmart.spec.json_text import Json
from duckmart.spec.operators import USER_OPERATORS, Operator


class Node(BaseModel):
    """A part of a spec. Unknown keys are refused; null for an optional key is the same as leaving it out."""

    # Frozen, as threads and caches share segments.
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, raw: Json) -> Json:
        if not isinstance(raw, dict):
            return raw
        fields = cls.model_fields
        return {
            key: cell
            for key, cell in raw.items()
            if cell is not None or key not in fields or fields[key].is_required()
        }


class Rankable(Node):
    """A condition that may ask for users by the rank of a value or a measure."""

    if TYPE_CHECKING:
        operator: Operator

    @property
    def ranks(self) -> bool:
        """Whether it does."""
        return USER_OPERATORS[self.operator].is_ranked
