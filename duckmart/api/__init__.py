"""The door for programs: the REST API, and what guards every HTTP request."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Let `uvicorn duckmart.api:api` find the API, which is imported only when a server asks for it."""
    if name == "api":
        from duckmart.api.app import api  # noqa: PLC0415 - guards are imported without it

        return api
    raise AttributeError(name)
