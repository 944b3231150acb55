"""The file of a backup: a zip with a manifest, which ends with the checksum of all bytes before it.

    manifest.json                   FORMAT, who made it and when, what it holds, sha256 of each member
    library/saved_segments.jsonl    one row a line of each of the library's tables
    runs/vip/000007.parquet         each kept run, as it was kept

The checksum at the end is the zip's comment, so any zip tool opens the file. The file appears whole or not at
all.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812

from duckmart.data.manifest import sync
from duckmart.errors import LibraryError
from duckmart.files import opener
from duckmart.spec.json_text import Json

FORMAT = 1
MANIFEST = "manifest.json"
PIECE = 1 << 20
CHECKSUM = hashlib.sha256().digest_size * 2
"""Bytes of the checksum in hexadecimal digits."""

UNREADABLE = (
    *(OSError, BadZipFile, EOFError, RuntimeError, ValueError, LookupError, OverflowError, ZlibError),
    *(struct.error, MemoryError),
)
"""What damaged bytes may make of reading a zip."""


class Writer:
    """Adds members to an archive, and notes what its manifest says of them."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._members: dict[str, Json] = {}

    def add(self, name: str, pieces: Iterable[bytes], *, compression: int = ZIP_DEFLATED) -> None:
        checksum, size = hashlib.sha256(), 0
        info = ZipInfo(name)
        info.compress_type = compression
        with self._archive.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                checksum.update(piece)
                size += len(piece)
        self._members[name] = {"sha256": checksum.hexdigest(), "bytes": size}

    def add_file(self, name: str, file: IO[bytes]) -> None:
        """A file that is compressed already."""
        self.add(name, iter(lambda: file.read(PIECE), b""), compression=ZIP_STORED)

    def finish(self, about: Mapping[str, Json]) -> None:
        manifest = {"format": FORMAT, **about, "members": self._members}
        self._archive.writestr(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def open_writer(path: Path) -> Iterator[Writer]:
    """An archive that appears at the path once it is complete. Raises `LibraryError`."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(draft, "wb+", opener=opener) as file:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                archive.comment = b"0" * CHECKSUM
                yield Writer(archive)
            checksum = _checksum(file)
            file.seek(-CHECKSUM, os.SEEK_END)
            file.write(checksum)
        sync(draft)
        draft.replace(target)
        sync(target.parent)
    except OSError as error:
        raise LibraryError(f"{path}: the backup cannot be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)


class Reader:
    """An archive that is whole: every member is there, and is what the manifest says."""

    def __init__(self, archive: ZipFile, manifest: Mapping[str, Any]) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.manifest["members"])

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with self._archive.open(name) as member:
            yield member


@contextmanager
def open_reader(path: Path) -> Iterator[Reader]:
    """An archive, after every byte of it was checked. Raises `LibraryError` where that does not hold."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise LibraryError(f"{path}: the backup cannot be read ({error.strerror or error})") from error
    with file:
        try:
            archive = ZipFile(file)
            manifest = _check(path, file, archive)
        except UNREADABLE as error:
            raise _damaged(path, str(error)) from error
        with archive:
            yield Reader(archive, manifest)


def _check(path: Path, file: IO[bytes], archive: ZipFile) -> Mapping[str, Any]:
    """The manifest of a whole archive."""
    # First what says more than that something is wrong.
    manifest = _manifest(path, archive)
    _check_names(path, archive, manifest)
    file.seek(-CHECKSUM, os.SEEK_END)
    if file.read() != _checksum(file):
        raise _damaged(path, "its checksum does not fit")
    _check_members(path, archive, manifest)
    return manifest


def _manifest(path: Path, archive: ZipFile) -> Mapping[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
        version, members = manifest["format"], manifest["members"]
        pairs = [(one["sha256"], one["bytes"]) for one in members.values()]
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path, f"it has no {MANIFEST} of a backup") from error
    if type(version) is not int or version > FORMAT:
        raise LibraryError(
            f"{path} is a backup in format {version}, made by DuckMart {manifest.get('duckmart')}; "
            f"this DuckMart reads format {FORMAT}. Install a newer DuckMart; nothing was changed"
        )
    if not all(isinstance(digest, str) and type(size) is int for digest, size in pairs):
        raise _damaged(path, f"its {MANIFEST} names no checksums")
    return dict(manifest)


def _check_names(path: Path, archive: ZipFile, manifest: Mapping[str, Any]) -> None:
    there, names = sorted(archive.namelist()), sorted([MANIFEST, *manifest["members"]])
    if missing := [name for name in names if name not in there]:
        raise _damaged(path, f"{', '.join(missing)} is missing in it")
    if there != names:
        raise _damaged(path, "it holds files that its manifest does not name")


def _check_members(path: Path, archive: ZipFile, manifest: Mapping[str, Any]) -> None:
    for name, facts in manifest["members"].items():
        with archive.open(name) as member:
            if hashlib.file_digest(member, "sha256").hexdigest() != facts["sha256"]:  # type: ignore[arg-type]
                raise _damaged(path, f"{name} is not what its checksum says")


def _damaged(path: Path, why: str) -> LibraryError:
    return LibraryError(f"{path} is no backup, or damaged: {why}; nothing was changed, take another backup")


def _checksum(file: IO[bytes]) -> bytes:
    """Of all but the last bytes, which are to hold it."""
    remaining = file.seek(0, os.SEEK_END) - CHECKSUM
    file.seek(0)
    checksum = hashlib.sha256()
    while remaining > 0 and (piece := file.read(min(PIECE, remaining))):
        checksum.update(piece)
        remaining -= len(piece)
    return checksum.hexdigest().encode()
