"""Which files in a folder `generate` wrote, so that it never writes over one of the user's own."""

import hashlib
import json
from pathlib import Path

from duckmart.files import make_file

RECORD = ".generated.json"


def is_generated(path: Path) -> bool:
    """Whether `generate` wrote this file, and nobody has changed it since."""
    state = _read(path.parent).get(path.name)
    if not isinstance(state, list) or not path.is_file() or path.stat().st_size != state[0]:
        return False
    return state == _state(path)


def record(path: Path, draft: Path) -> None:
    """Note that the draft is about to become this file."""
    states = _read(path.parent) | {path.name: _state(draft)}
    file = path.parent / RECORD
    make_file(file)
    file.write_text(json.dumps(states) + "\n", "utf-8")


def _state(path: Path) -> list[int | str]:
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]


def _read(folder: Path) -> dict[str, object]:
    try:
        states = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return states if isinstance(states, dict) else {}
