"""A catalog as text: a load writes it into its generation, so that nobody has to work it out again."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from duckmart.catalog import Catalog, Cell, Column
from duckmart.spec.json_text import Json
from duckmart.spec.kinds import KINDS, Kind

TABLE, COLUMN = "catalog", "document"
"""Where a generation's database has it. One that an older version made has no such table."""

CREATE = "CREATE TABLE catalog AS SELECT $text AS document"

FORMAT = 1


def to_text(catalog: Catalog) -> str:
    content = {"format": FORMAT} | {name: getattr(catalog, name) for name in Catalog.__dataclass_fields__}
    return json.dumps(content, default=_plain, ensure_ascii=False)


def from_text(text: str, generation: str) -> Catalog | None:
    """The catalog of a generation; None if another version of DuckMart wrote it in a form of its own."""
    content = json.loads(text)
    if content["format"] != FORMAT:
        return None
    return Catalog(
        generation=generation,
        attributes=_columns(content["attributes"]),
        properties=_columns(content["properties"]),
        events=content["events"],
        users=content["users"],
        oldest_event=_moment(content["oldest_event"]),
        newest_event=_moment(content["newest_event"]),
        loaded_at=datetime.fromisoformat(content["loaded_at"]),
        left_out=tuple(content["left_out"]),
        summaries=content.get("summaries", {}),
        group_frames=True,
    )


def _plain(part: Column | Kind | Decimal | date) -> Json:
    match part:
        case Column():
            return {name: getattr(part, name) for name in Column.__dataclass_fields__}
        case Kind():
            return part.name
        case Decimal():
            # JSON's numbers may lose its last digits.
            return str(part)
        case _:
            return part.isoformat()


def _columns(content: dict[str, dict[str, Any]]) -> dict[str, Column]:
    return {name: _column(facts) for name, facts in content.items()}


def _column(facts: dict[str, Any]) -> Column:
    kind = KINDS[facts["kind"]]
    values = tuple((_cell(kind.element or kind, value), rows) for value, rows in facts["values"])
    low, high = _cell(kind, facts["low"]), _cell(kind, facts["high"])
    return Column(**facts | {"kind": kind, "values": values, "low": low, "high": high})


def _cell(kind: Kind, content: Any) -> Cell | None:
    if not isinstance(content, str):
        return content  # type: ignore[no-any-return]
    if kind.is_number:
        return Decimal(content)
    if kind.is_dated:
        return datetime.fromisoformat(content) if kind.has_time else date.fromisoformat(content)
    return content


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
