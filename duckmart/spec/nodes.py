"""The base of all models of a spec."""

from pydantic import BaseModel, ConfigDict, model_validator

from duckmart.spec.json_text import Json


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
