"""JSON as text, with exact numbers: whole ones are `int`, all others `Decimal`."""

from collections.abc import Mapping
from typing import Any

import simplejson

from duckmart.errors import Problem, SpecError
from duckmart.settings import Settings
from duckmart.spec.values import quote

Json = Any
JsonObject = Mapping[str, Json]


def to_json(data: Json) -> str:
    """Plain values as indented JSON text; a `Decimal` keeps all its digits."""
    return simplejson.dumps(data, use_decimal=True, indent=2, ensure_ascii=False)


def read_json(text: str | bytes, settings: Settings) -> Json:
    """JSON text as plain values with exact numbers.

    Raises `SpecError` for text that is too long or no JSON, for NaN and Infinity, and for a key given twice.
    """
    # A lone surrogate cannot be UTF-8, but its size can be taken; parsing reports it with its path.
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    if size > settings.max_body:
        raise _unreadable(
            "too_large", f"the spec is larger than {settings.max_body:,} bytes", "shorten its lists"
        )
    try:
        return simplejson.loads(text, use_decimal=True, object_pairs_hook=_distinct_keys)
    except simplejson.JSONDecodeError as error:
        raise _unreadable(
            "bad_json", f"not JSON: {error}", "check commas, quotes and brackets there"
        ) from None
    except UnicodeDecodeError:
        raise _unreadable("bad_json", "not UTF-8 text", "save the file as UTF-8") from None
    except RecursionError:
        raise _unreadable("too_deep", "the JSON nests too deep", "flatten its groups") from None
    except (ValueError, ArithmeticError) as error:  # a number of too many digits
        raise _unreadable("bad_json", f"not a spec: {error}", "write plain values") from None


def _unreadable(code: str, message: str, hint: str) -> SpecError:
    return SpecError([Problem("", code, message, hint)])


def _distinct_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _unreadable(
            "duplicate_key", f"the key {quote(twice)} is given twice in one object", "keep one of the two"
        )
    return mapping
