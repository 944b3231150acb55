"""A real Chromium on a real server: the app and the API as `streamlit run app.py` serves them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
STARTS_WITHIN = 60
# The machine may be busy; a page that is right appears well before.
PATIENCE = 30_000


@dataclass(frozen=True)
class Server:
    url: str
    data: Path
    process: "subprocess.Popen[bytes]"


Open = Callable[..., Page]


@contextmanager
def serving(
    data: Path, log: Path, port: int | None = None, app: str = "app.py", path: str = ""
) -> Iterator[Server]:
    """The app on a loopback port, a free one if none is named, serving a data folder until the block ends.

    `path` is the one below which the environment puts it.
    """
    port = port or free_port()
    command = [
        *(sys.executable, "-m", "streamlit", "run", app),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
        *("--server.headless", "true", "--server.fileWatcherType", "none"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"DUCKMART_DATA": str(data)}, stdout=output, stderr=output
        )
        try:
            url = f"http://127.0.0.1:{port}{path}"
            _await_health(url, process, log)
            yield Server(url, data, process)
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await_health(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing: apt-get install chromium"
        if os.environ.get("DUCKMART_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium: Browser, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a copy of the demo data."""
    folder = tmp_path_factory.mktemp("server")
    data = folder / "data"
    shutil.copytree(demo, data)
    with serving(data, folder / "log.txt") as started:
        yield started


@pytest.fixture(scope="session")
def profiles(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile per kind of screen; pages of one profile share what they have downloaded."""
    made: dict[str, BrowserContext] = {}

    def profile(**screen: Any) -> BrowserContext:
        if str(screen) not in made:
            made[str(screen)] = chromium.new_context(
                permissions=["clipboard-read", "clipboard-write"], **{"viewport": DESKTOP, **screen}
            )
            made[str(screen)].set_default_timeout(PATIENCE)
        return made[str(screen)]

    yield profile
    for context in made.values():
        context.close()


@pytest.fixture
def open_page(profiles: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Opens a page on a kind of screen; at the end of the test no page may have logged an error."""
    pages: list[Page] = []
    errors: list[str] = []

    def opened(url: str, **screen: Any) -> Page:
        page = profiles(**screen).new_page()
        pages.append(page)
        page.on("console", lambda message: errors.extend(_error(message)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []


DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def _error(message: ConsoleMessage) -> list[str]:
    if message.type != "error":
        return []
    place = message.location.get("url", "")
    # Opened at a page's own address, Streamlit's client first looks for its server below that address.
    if message.text.startswith("Failed to load resource") and "/data/_stcore/" in place:
        return []
    return [f"{message.text[:200]} … {message.text[-200:]} ({place})"]
