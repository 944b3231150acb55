"""A data folder that serves nothing yet: make demo data, or offer to load the files in the folder."""

from functools import partial
from time import sleep

import streamlit as st

from duckmart import first_load, mart
from duckmart.data import first_data, preparation
from duckmart.data.first_data import Files
from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.data.preparation import Make, Preparation
from duckmart.data.progress import Progress
from duckmart.errors import DuckMartError, LoadError, LossError, Unavailable
from duckmart.settings import Settings
from duckmart.ui import formatting


def ensure_data(settings: Settings) -> None:
    """Return once there is data; until then show the progress of making it, or what else to do."""
    if settings.engine:
        return
    try:
        if Generations(settings.data).current() is not None:
            return
    except Unavailable as error:
        _offer_generations(settings, error)
        st.stop()
    running = preparation.last(settings)
    if running and running.is_running:
        _show_progress(running)
    elif words := mart.obstacle(settings):
        _offer_files(settings, words)
    else:
        _show_progress(preparation.start(settings, first_load.prepare))
    st.stop()


_DEMOS: dict[Make, str] = {
    first_load.prepare: "shop",
    first_load.make_demo: "shop",
    first_load.make_club: "sports club",
}


def _show_progress(running: Preparation) -> None:
    st.title("Welcome to DuckMart", anchor=False)
    what = _DEMOS.get(running.make, "")
    words = f"Making demo data for a fictional {what}, once." if what else "Loading the files."
    st.write(f"{words} This takes a few seconds.")
    bar = st.progress(0.0)
    while running.is_running:
        bar.progress(min(running.share, 1.0), text=f"{running.what.capitalize()}…")
        sleep(0.1)
    if running.error is None:
        st.rerun()
    bar.empty()
    _show_failure(running, "demo data could not be made" if what else "files could not be loaded")


def _show_failure(attempt: Preparation, what: str) -> None:
    error, settings = attempt.error, attempt.settings
    st.error(f"The {what}: {formatting.markdown(str(error))}", icon=":material/error:")
    if error and not isinstance(error, DuckMartError):
        st.exception(error)
    pair = first_data.loadable(settings)
    if isinstance(error, LossError) and pair:
        if st.button("Load them anyway", key="first.accept"):
            _start(settings, partial(_load, pair, accept_loss=True))
        return
    st.write(f"Check that the folder `{settings.data}` can be written and has free space, then try again.")
    st.button("Try again")


def _offer_generations(settings: Settings, error: Unavailable) -> None:
    """Say what is wrong with the data served so far, and offer to switch to other data that is there."""
    st.error(formatting.markdown(str(error)), icon=":material/error:")
    for one in reversed(Generations(settings.data).instead()):
        if st.button(f"Serve generation {one.id}{_facts(one)}", key=f"serve.{one.id}"):
            _serve(settings, one)


def _serve(settings: Settings, generation: Generation) -> None:
    try:
        with st.spinner("Checking it…"):
            Generations(settings.data).use(generation.id, lambda one: mart.verify(one, settings))
    except LoadError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    st.rerun()


def _facts(generation: Generation) -> str:
    try:
        facts = generation.facts()
    except LoadError:
        return ""
    return f": {facts.users:,} users, {facts.events:,} events, loaded {formatting.moment(facts.loaded_at)}"


def _offer_files(settings: Settings, words: str) -> None:
    """Say what is in the folder, and offer to load it, or to make demo data beside it."""
    st.title("Welcome to DuckMart", anchor=False)
    st.warning(formatting.markdown(words), icon=":material/folder_open:")
    pair = first_data.loadable(settings)
    with st.container(horizontal=True):
        if pair and st.button("Load these files", type="primary", key="first.load"):
            _start(settings, partial(_load, pair))
        if st.button("Make demo data", key="first.demo"):
            _start(settings, first_load.make_demo)
        if st.button(
            "Make a sports club",
            key="first.club",
            help="Other demo data, smaller: members with birthdays, tags and the day their plan ends.",
        ):
            _start(settings, first_load.make_club)


def _load(pair: Files, settings: Settings, progress: Progress, *, accept_loss: bool = False) -> None:
    first_load.load_first(settings, pair.users, pair.events, progress, accept_loss=accept_loss)


def _start(settings: Settings, make: Make) -> None:
    preparation.start(settings, make)
    st.rerun()
