"""What lies in a data folder that serves nothing: demo data is made only where nobody ever had anything."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from duckmart.data.generated import is_generated
from duckmart.settings import Settings

KINDS = ("csv", "parquet")


@dataclass(frozen=True)
class Files:
    """A file of users and one of events in the data folder, as `generate` names them."""

    users: Path
    events: Path

    @property
    def both_there(self) -> bool:
        return self.users.is_file() and self.events.is_file()

    @property
    def are_generated(self) -> bool:
        return is_generated(self.users) and is_generated(self.events)


def files(folder: Path) -> list[Files]:
    return [Files(folder / f"user_attributes.{kind}", folder / f"user_events.{kind}") for kind in KINDS]


def loadable(settings: Settings) -> Files | None:
    """Users and events that lie in the data folder and could be loaded."""
    return next((pair for pair in files(settings.data) if pair.both_there), None)


def own_files(settings: Settings) -> list[Path]:
    """Files with the names of the demo's that `generate` did not write."""
    every = (path for pair in files(settings.data) for path in (pair.users, pair.events))
    return [path for path in every if path.is_file() and not is_generated(path)]


def traces(settings: Settings) -> str:
    """What of the user's is in a folder without generations, and what to do about it; empty if nothing."""
    folder = f"--data {quote(str(settings.data))}"
    if own := own_files(settings):
        names = " and ".join(path.name for path in own)
        pair = loadable(settings)
        options = f"--users {pair.users} --events {pair.events}" if pair else "--users ... --events ..."
        return (
            f"no data is loaded yet, and no demo data is made, as {settings.data} holds {names}: "
            f"`python -m duckmart load {options} {folder}` loads files"
        )
    if others := remains(settings):
        return (
            f"no data is loaded, and no demo data is made, as {settings.data} holds {' and '.join(others)}: "
            f"put its generations and its manifest.json back, or load the data again "
            f"(`python -m duckmart generate {folder}` and `load {folder}` for demo data)"
        )
    return ""


def remains(settings: Settings) -> list[str]:
    """What else shows that the folder was used: saved segments, kept runs, a manifest that was set aside."""
    here = {
        "saved segments (library.sqlite)": not settings.library
        and (settings.data / "library.sqlite").exists(),
        "kept runs (runs)": any((settings.data / "runs").glob("*")),
        "manifest.json.unreadable": (settings.data / "manifest.json.unreadable").exists(),
    }
    return [name for name, is_there in here.items() if is_there]
