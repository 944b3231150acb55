"""Demo data that is being made by a thread of its own, which the app and the API start and look at."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor

from duckmart.data.progress import Progress
from duckmart.errors import Preparing, Unavailable
from duckmart.settings import Settings

Make = Callable[[Settings, Progress], None]


@dataclass
class Preparation:
    """One run of `make`; a browser that is closed does not stop it."""

    settings: Settings
    make: Make
    what: str = "starting"
    share: float = 0.0
    error: Exception | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, name="demo data", daemon=True)

    @property
    def is_running(self) -> bool:
        return self.thread.is_alive()

    def _run(self) -> None:
        try:
            self.make(self.settings, self._progress)
        except Exception as error:  # noqa: BLE001 - whoever asks for data is told, whatever it is
            self.error = error

    def _progress(self, what: str, share: float) -> None:
        self.what, self.share = what, share


_lock = threading.Lock()
_preparations: dict[Settings, Preparation] = {}


def start(settings: Settings, make: Make) -> Preparation:
    """The preparation that runs for these settings; a new one if none does."""
    with _lock:
        preparation = _preparations.get(settings)
        if preparation is None or not preparation.is_running:
            preparation = _preparations[settings] = Preparation(settings, make)
            preparation.thread.start()
        return preparation


def last(settings: Settings) -> Preparation | None:
    """The last preparation for these settings, running or done."""
    return _preparations.get(settings)


def refusal(settings: Settings, otherwise: Callable[[], str]) -> Unavailable:
    """What to tell somebody who asks for data while there is none."""
    preparation = last(settings)
    if preparation and preparation.is_running:
        percent = floor(100 * min(preparation.share, 1))
        words = f"the demo data is being made ({percent}% done); ask again in a moment"
        return Preparing(words)
    if preparation and isinstance(preparation.error, Unavailable):
        return preparation.error
    if preparation and preparation.error:
        return Unavailable(f"the demo data could not be made: {preparation.error}")
    return Unavailable(otherwise())
