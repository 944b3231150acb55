"""Error texts fit for a stranger: no place on this machine is in them, though the log has it."""

import re
from pathlib import Path
from shlex import quote

from duckmart.settings import Settings

# The database of a URL may be a path, and its host is nobody's business either.
_DATABASE = re.compile(r"\b(?!https?:)\w+(?:\+\w+)?://[^\s,;]*[^\s,;:.]")
_PATH = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][^\s\\/'\"`;:,()]+){2,}[\\/]?")


def without_places(text: str, settings: Settings) -> str:
    """The text with DATA for the data folder, and of other absolute paths the file's name alone."""
    for folder in _spellings(settings.data):
        if Path(folder.strip("'")).is_absolute():
            text = text.replace(folder, "DATA")
        else:
            # A short relative name may be a word of the text too: it is a path where something follows it.
            text = re.sub(rf"(?<![\w/]){re.escape(folder)}(?=[\\/])", "DATA", text)
            text = text.replace(f"--data {folder}", "--data DATA")
    _, _, place = settings.library.partition("://")
    if place.strip("/"):
        text = text.replace(place, "")
    return _PATH.sub(_file_name, _DATABASE.sub("its place", text))


def _spellings(folder: Path) -> list[str]:
    """How the data folder may be written, the longest first."""
    paths = {str(folder), str(folder.absolute()), str(folder.resolve())}
    return sorted(paths | set(map(quote, paths)), key=len, reverse=True)


def _file_name(path: re.Match[str]) -> str:
    name = re.split(r"[\\/]", path[0])[-1]
    return name if "." in name else "a folder of the server"
