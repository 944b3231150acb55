"""The first minute: demo data is made and loaded once, while every open browser sees how far it is."""

import threading
from dataclasses import dataclass, field
from time import sleep

import streamlit as st

from duckmart import mart
from duckmart.errors import DuckMartError
from duckmart.generations import Generations
from duckmart.settings import Settings
from duckmart.ui import plain


@dataclass
class Preparation:
    """Demo data being made by a thread of its own, so that a closed browser does not stop it."""

    settings: Settings
    what: str = "starting"
    share: float = 0.0
    error: Exception | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, name="demo data", daemon=True)
        self.thread.start()

    @property
    def is_running(self) -> bool:
        return self.thread.is_alive()

    def _run(self) -> None:
        try:
            mart.prepare(self.settings, self._progress)
        except Exception as error:  # noqa: BLE001 - shown by the page, whatever it is
            self.error = error

    def _progress(self, what: str, share: float) -> None:
        self.what, self.share = what, share


_lock = threading.Lock()
_preparations: dict[Settings, Preparation] = {}


def ensure_data(settings: Settings) -> None:
    """Returns once there is data; until then shows the progress of making it, or why it failed."""
    if Generations(settings.data).current() is not None:
        return
    preparation = _preparation(settings)
    st.title("Welcome to DuckMart", anchor=False)
    st.write("Making demo data for a fictional shop, once. This takes a few seconds.")
    bar = st.progress(0.0)
    while preparation.is_running:
        bar.progress(min(preparation.share, 1.0), text=f"{preparation.what.capitalize()}…")
        sleep(0.1)
    with _lock:
        _preparations.pop(settings, None)
    if preparation.error is None:
        st.rerun()
    bar.empty()
    _show_failure(preparation.error, settings)
    st.stop()


def _preparation(settings: Settings) -> Preparation:
    with _lock:
        if settings not in _preparations:
            _preparations[settings] = Preparation(settings)
        return _preparations[settings]


def _show_failure(error: Exception, settings: Settings) -> None:
    st.error(f"The demo data could not be made: {plain.markdown(str(error))}", icon=":material/error:")
    if not isinstance(error, DuckMartError):
        st.exception(error)
    st.write(f"Check that the folder `{settings.data}` can be written and has free space, then try again.")
    st.button("Try again")
