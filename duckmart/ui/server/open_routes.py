"""What one server of app and API answers to: the API's paths, and those of Streamlit's that the pages use."""

from collections.abc import Sequence
from pathlib import Path

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from duckmart.api.http_guard import HttpRefusal, refuse

_PAGES = Path(__file__).parents[3] / "pages"
# Left out are metrics, script-health-check, components, the agent API and logins; and pages that do not
# exist, for which Streamlit would send its document all the same.
_PATHS = {
    "": "the first page",
    **{f"/{page.stem}": "a page" for page in sorted(_PAGES.glob("*.py"))},
    "/favicon.png": "the icon",
    "/_stcore/health": "asked by a page before it connects, and by whatever watches the server",
    "/_stcore/host-config": "asked by a page before it connects",
    "/_stcore/stream": "the websocket that draws a page",
}
_FOLDERS = {
    "/static/": "Streamlit's scripts, styles and fonts",
    "/media/": "downloads",
    "/_stcore/upload_file/": "uploads",
}


class OpenRoutes:
    """Answers 404 to all but the API's `routes` and what the pages need below the `base` path."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route], base: str) -> None:
        self.app = app
        self.routes = routes
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_open(scope):
            await self.app(scope, receive, send)
        else:
            path = scope["path"][:200]
            await refuse(HttpRefusal(404, "not_found", f"there is nothing at {path}"), scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        if any(route.matches(scope)[0] != Match.NONE for route in self.routes):
            return True
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(self.base):
            return False
        path = path.removeprefix(self.base)
        return path.rstrip("/") in _PATHS or path.startswith(tuple(_FOLDERS))


class BelowBase:
    """An app that is reached below a base path, and told so, for the addresses that it writes."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "root_path": scope.get("root_path", "") + self.base}, receive, send)


def base_path(setting: str) -> str:
    """Streamlit's `server.baseUrlPath` with the slash before it that paths have, empty if there is none."""
    path = setting.strip("/")
    return f"/{path}" if path else ""
