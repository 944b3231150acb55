"""The first data of a folder that serves nothing: demo data, or files that lie there."""

from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from duckmart import instants
from duckmart.data import first_data
from duckmart.data.generate import generate, generate_club
from duckmart.data.generation import Generation, words_for_disk
from duckmart.data.generations import Generations
from duckmart.data.load import LoadReport, Options, load
from duckmart.data.progress import Progress
from duckmart.errors import Unavailable
from duckmart.files import lock_mode, make_folder
from duckmart.mart import obstacle
from duckmart.settings import Settings


def prepare(settings: Settings, progress: Progress) -> None:
    """Make and load demo data in a folder where nothing ever was; of several callers at once, one does it.

    Raises `Unavailable` for a folder that holds anything of the user's but serves nothing.
    """
    generations = Generations(settings.data)
    if settings.engine or generations.current() is not None:
        return
    if reason := obstacle(settings):
        raise Unavailable(reason)
    with words_for_disk(settings.data):
        make_folder(settings.data)
        # Several processes may be started on one empty folder.
        lock = FileLock(settings.data / "demo.lock", mode=lock_mode()).acquire()
    with lock:
        if generations.current() is not None:
            return
        if reason := obstacle(settings):
            raise Unavailable(reason)
        make_demo(settings, progress)


def make_demo(settings: Settings, progress: Progress) -> None:
    """Make and load demo data; files that `generate` left are loaded as they are."""
    # Where files of the user's own are in the way, the demo's go elsewhere.
    folder = settings.data / "demo" if first_data.own_files(settings) else settings.data
    earlier = next((pair for pair in first_data.files(folder) if pair.are_generated), None)
    demo = earlier or generate(folder, progress=_half(progress, 0.0))
    load_first(settings, demo.users, demo.events, _half(progress, 0.5))


def make_club(settings: Settings, progress: Progress) -> None:
    """Make and load the other demo data, those of a sports club, in a folder of their own."""
    club = generate_club(settings.data / "club")
    load_first(settings, club.users, club.events, progress)


def _half(progress: Progress, start: float) -> Progress:
    """The progress of one of two steps, which counts as half of the way."""
    return lambda step, share: progress(step, start + share / 2)


def load_first(
    settings: Settings, users: Path, events: Path, progress: Progress, *, accept_loss: bool = False
) -> None:
    """Load files, unless another process has loaded some meanwhile. Raises `LossError` as `load` does."""
    generations = Generations(settings.data)

    def stop_if_loaded(_draft: Generation, report: LoadReport) -> LoadReport:
        if generations.current() is not None:
            raise _LoadedMeanwhile
        return report

    with suppress(_LoadedMeanwhile):
        load(
            users,
            events,
            generations,
            now=instants.now(),
            settings=settings,
            options=Options(accept_loss=accept_loss, review=stop_if_loaded, demo=True),
            progress=progress,
        )


class _LoadedMeanwhile(Exception):
    pass
