"""The path to a part of a spec, and a problem at one."""

from duckmart.errors import Problem

Path = tuple[str | int, ...]

# Past so many problems in one list, more of them help nobody.
PROBLEMS_PER_LIST = 20


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


def problem(path: Path, code: str, message: str, hint: str = "", instead: tuple[str, ...] = ()) -> Problem:
    return Problem(dotted(path), code, message, hint, instead)
