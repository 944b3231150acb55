"""Who may read the files that DuckMart makes: their owner alone, unless DUCKMART_FILE_MODE says otherwise."""

import os
from contextlib import suppress
from pathlib import Path

from duckmart.settings import settings


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; folders that are there already stay as they are."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
        # A folder that hands its group on to what is made below it goes on doing so.
        folder.chmod(settings().folder_permissions | (folder.stat().st_mode & 0o2000))
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(folder))


def make_file(path: Path) -> None:
    """Make an empty file, unless there is one: what a library later writes into it is then private too."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        protect(path)


def protect(path: Path) -> None:
    """Give a file of ours the permissions of the setting, whatever the process's umask."""
    path.chmod(settings().file_permissions)


def opener(path: str, flags: int) -> int:
    """For `open(..., opener=opener)`: a file that is made here is private from its first byte on."""
    handle = os.open(path, flags, 0o600)
    if flags & os.O_CREAT and hasattr(os, "fchmod"):
        # The permissions of a device, a pipe or somebody else's file are not ours to change.
        with suppress(PermissionError):
            if Path(path).is_file():
                os.fchmod(handle, settings().file_permissions)
    return handle


def lock_mode() -> int:
    return settings().file_permissions
