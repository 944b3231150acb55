"""What every generation's database must hold; one that lacks it was made by another version of DuckMart."""

from collections.abc import Mapping

from duckmart.compile import EVENTS, KEY, USERS

REQUIRED_COLUMNS = {
    (USERS, KEY): "",
    (EVENTS, KEY): "",
    (EVENTS, "event_name"): "",
    (EVENTS, "timestamp"): "TIMESTAMP",
    ("load_info", "loaded_at"): "TIMESTAMP",
}
"""Table and column -> the type that the column must have; empty if any will do."""

LOAD_AGAIN = "load the data again: `python -m duckmart load --users USERS --events EVENTS`"


def of_another_version(types: Mapping[tuple[str, str], str]) -> str:
    """What is wrong with the columns of a database and what to do, in words; empty if nothing."""
    missing = [".".join(place) for place in REQUIRED_COLUMNS if place not in types]
    others = [
        f"{'.'.join(place)} as {types[place]}"
        for place, required_type in REQUIRED_COLUMNS.items()
        if place in types and required_type not in ("", types[place])
    ]
    wrong = [f"lacks {', '.join(missing)}"] if missing else []
    wrong += [f"has {', '.join(others)}"] if others else []
    return f"it was made by another version of DuckMart and {' and '.join(wrong)}" if wrong else ""


def family(data_type: str) -> str:
    """A type without its sizes: `DECIMAL` of `DECIMAL(12,2)`, and `DECIMAL[]` of a list of such."""
    return data_type.partition("(")[0].removesuffix("[]") + "[]" * data_type.endswith("[]")
