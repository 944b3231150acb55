"""The content security policy lets all that the pages do through: a violation is an error in the console.

`open_page` fails a test whose console has an error; what is asserted here is that each part was really drawn.
"""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.builder import add_california_logins, copied, expect_everyone, expect_still, press
from tests.browser.conftest import Open, Server

pytestmark = pytest.mark.browser


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.long)])
def builder(request: pytest.FixtureRequest, server: Server, open_page: Open) -> Page:
    page = open_page(server.url, color_scheme=request.param)
    expect_everyone(page)
    add_california_logins(page)
    expect_still(page)
    return page


def test_every_tab_and_chart_is_drawn(builder: Page) -> None:
    for name in builder.get_by_role("tab").all_inner_texts():
        builder.get_by_role("tab", name=name, exact=True).click()
        panel = builder.get_by_role("tabpanel", name=name, exact=True)
        expect(panel).to_contain_text(re.compile(r"\S"))
        expect(builder.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(builder.locator(".js-plotly-plot .main-svg").first).to_be_attached()
    expect(builder.get_by_test_id("stDataFrame").first).to_be_attached()


def test_copies_downloads_uploads_and_dialogs_work(builder: Page) -> None:
    assert "SELECT" in copied(builder, "SQL")
    with builder.expect_download():
        press(builder, "Download user ids")
    for name in ("Save", "Share"):
        press(builder, name)
        expect(builder.get_by_role("dialog")).to_be_visible()
        builder.keyboard.press("Escape")
        expect(builder.get_by_role("dialog")).to_have_count(0)
    press(builder, "More for filter 1")
    builder.get_by_role("menuitem", name="Paste or upload a list…", exact=True).click()
    ids = {"name": "places.csv", "mimeType": "text/csv", "buffer": b"place\nTexas\nOhio\n"}
    builder.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files=[ids])
    expect(builder.get_by_role("dialog").get_by_text("places.csv")).to_be_visible()


def test_a_chart_is_taken_away_as_a_picture(builder: Page) -> None:
    chart = builder.locator(".js-plotly-plot").first
    chart.hover()
    with builder.expect_download():
        chart.locator('[data-title^="Download plot"]').click()


def test_the_data_page_draws_its_tables(server: Server, open_page: Open) -> None:
    page = open_page(f"{server.url}/data")
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()


def test_the_documentation_asks_the_api(server: Server, open_page: Open) -> None:
    page = open_page(f"{server.url}/docs")
    page.get_by_role("button", name="GET /health").first.click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(f"{server.url}/health") as answer:
        page.get_by_role("button", name="Execute").click()
    assert answer.value.status == 200


def test_nothing_is_asked_of_another_server(server: Server, open_page: Open) -> None:
    page = open_page("about:blank")
    foreign: list[str] = []

    def note(response: Response) -> None:
        if not response.url.startswith((server.url, "data:", "blob:", "about:")):
            foreign.append(response.url)

    page.on("response", note)
    page.goto(server.url)
    expect_everyone(page)
    expect_still(page)
    assert foreign == []
