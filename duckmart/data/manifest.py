"""The file that says which generation is served, replaced in one step; see generations.py."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from duckmart.files import protect

VERSION = 1


@dataclass(frozen=True)
class Manifest:
    """`bytes` are the sizes of the databases; `newest` is the highest number ever given, gone or not."""

    current: str
    generations: tuple[str, ...]
    newest: str
    bytes: Mapping[str, int] = field(default_factory=dict)


def is_number(text: object) -> bool:
    """Whether this is the id of a generation."""
    return isinstance(text, str) and re.fullmatch("[0-9]{1,12}", text) is not None


def read_manifest(path: Path) -> Manifest:
    """Raises `FileNotFoundError`, another `OSError`, or `ValueError` when the content is not a manifest."""
    try:
        return from_json(json.loads(path.read_text("utf-8")))
    except RecursionError as error:
        raise ValueError("it is no manifest: it is nested too deeply") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no manifest: {error!r}") from error


def from_json(content: Mapping[str, Any]) -> Manifest:
    """Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` when it is not a manifest."""
    version = content.get("version", VERSION)
    if version != VERSION:
        raise ValueError(f"another version of DuckMart wrote it: {version!r:.40}, this one reads {VERSION}")
    generations = tuple(content["generations"])
    if not all(map(is_number, (content["current"], *generations))):
        raise ValueError("it is no manifest: an id is not a number")
    newest = content.get("newest") or max(generations, key=int, default="0")
    manifest = Manifest(content["current"], generations, newest, dict(content.get("bytes", {})))
    if manifest.current not in generations:
        raise ValueError("it is no manifest: the current generation is not among those kept")
    if not is_number(newest) or not all(type(size) is int for size in manifest.bytes.values()):
        raise ValueError("it is no manifest: a number or size is not one")
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """The switch: readers see the old manifest or the whole new one.

    A file there that is no manifest of ours is set aside as `manifest.json.unreadable`.
    """
    aside = path.with_suffix(".json.new")
    sizes = {number: size for number, size in manifest.bytes.items() if number in manifest.generations}
    content = {"version": VERSION} | asdict(replace(manifest, bytes=sizes))
    aside.write_text(json.dumps(content) + "\n", "utf-8")
    protect(aside)
    sync(aside)
    try:
        read_manifest(path)
    except (OSError, ValueError):
        with suppress(FileNotFoundError):
            path.replace(path.with_suffix(".json.unreadable"))
    aside.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the disk hold what was written to this file or folder."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
