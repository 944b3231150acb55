"""Behind nginx, as docs/operations.md shows it: at the top, below a path that nginx cuts off or keeps."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.builder import add_california_logins, expect_everyone, expect_still, matching, press
from tests.browser.conftest import ROOT, Open, free_port, serving

pytestmark = pytest.mark.browser

NAME = "duckmart.localhost"
DOCS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NGINX = """
{user} daemon off; pid nginx.pid; error_log error.log; events {{}}
http {{
    access_log off; client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {server}
}}
"""


@dataclass(frozen=True)
class Setup:
    """A way to serve: below which path, with which server block, with what told to DuckMart."""

    path: str
    server: str
    environment: dict[str, str]


def documented(port: int) -> dict[str, Setup]:
    """The set-ups of docs/operations.md, for a DuckMart on this port."""
    whole, cut = (block.replace("127.0.0.1:8501", f"127.0.0.1:{port}") for block in blocks())
    lines = whole.partition("proxy_pass")[2].partition(";")[2].partition("}")[0]
    kept = f"location /duckmart/ {{ proxy_pass http://127.0.0.1:{port}; {lines} }}"
    hidden = re.sub("proxy_set_header Host .*;", "", whole)
    below = {"STREAMLIT_SERVER_BASE_URL_PATH": "duckmart"}
    return {
        "at the top": Setup("", whole, {}),
        "at the top, Host not passed on": Setup("", hidden, {}),
        "path cut off": Setup(
            "/duckmart", inside(whole, cut.replace("# the other lines as above", lines)), {}
        ),
        "path kept": Setup("/duckmart", inside(whole, kept), below),
    }


def blocks() -> list[str]:
    return re.findall(r"^```nginx\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def inside(server: str, location: str) -> str:
    """The server block with another location block."""
    return re.sub(r"location / \{.*?\}", lambda _: location, server, flags=re.DOTALL)


@contextmanager
def nginx(folder: Path, server: str) -> Iterator[str]:
    """nginx with this server block on a loopback port, without TLS; its address."""
    port = free_port()
    server = server.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(
        "duckmart.example.com", NAME
    )
    # What it keeps for a while is in the folder, which is its user's alone.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, server=server))
    process = subprocess.Popen([program(), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"])
    try:
        yield f"http://{NAME}:{port}"
    finally:
        process.terminate()
        process.wait(30)


def program() -> str:
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None and os.environ.get("DUCKMART_REQUIRE_NGINX") == "1":
        pytest.fail("nginx is missing: apt-get install nginx-light")
    if path is None:
        pytest.skip("nginx is missing: apt-get install nginx-light")
    return path


LONG = pytest.mark.long


@pytest.fixture(
    scope="module",
    params=[
        "path cut off",
        "path kept",
        pytest.param("at the top", marks=LONG),
        pytest.param("at the top, Host not passed on", marks=LONG),
    ],
)
def address(
    request: pytest.FixtureRequest, demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the app's first page is, as the world sees it."""
    folder = tmp_path_factory.mktemp("proxied")
    shutil.copytree(demo, folder / "data")
    port = free_port()
    setup = documented(port)[request.param]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**setup.environment, "DUCKMART_HOSTS": NAME}.items():
            patch.setenv(name, value)
        base = setup.path if setup.environment else ""
        with (
            serving(folder / "data", folder / "log.txt", port, path=base),
            nginx(folder, setup.server) as url,
        ):
            yield url + setup.path


def test_the_pages_work_and_so_do_downloads(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/")
    expect_everyone(page)
    add_california_logins(page)
    expect(matching(page)).not_to_have_text("10,000")
    expect_still(page)
    with page.expect_download() as download:
        press(page, "Download user ids")
    lines = Path(download.value.path()).read_text().splitlines()
    assert f"{len(lines) - 1:,}" == matching(page).inner_text()


def test_the_second_page_can_be_opened_first(address: str, open_page: Open) -> None:
    expect(open_page(f"{address}/data").get_by_role("heading", name="Bring your own")).to_be_visible()


def test_programs_are_answered(address: str) -> None:
    host, _, path = address.removeprefix("http://").partition("/")
    url = f"http://{host.replace(NAME, '127.0.0.1')}/{path}/segment".replace("//segment", "/segment")
    sent = {"Host": host, "Content-Type": "application/json"}
    with urlopen(Request(url, b'{"limit": 1}', sent), timeout=30) as answer:
        assert b'"total_count":10000' in answer.read()


def test_the_documentation_asks_the_api_below_the_path(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/docs")
    page.get_by_role("button", name="GET /health").first.click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(f"{address}/health") as answer:
        page.get_by_role("button", name="Execute").click()
    assert answer.value.status == 200
