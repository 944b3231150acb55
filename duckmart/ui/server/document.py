"""The HTML document that a browser loads first: Streamlit's, with the app's name and look from the start."""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duckmart.api.http_guard import content_security_policy, script_hashes

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_SCRIPT = (_HERE / "page.js").read_text(encoding="utf-8")
# In the body, as Streamlit adds its rules to the head later, and of equal rules the last one wins.
_REPLACEMENTS = {
    b"<title>Streamlit</title>": b"<title>DuckMart</title>",
    b"</body>": f"<style>{_STYLE}</style><script>{_SCRIPT}</script></body>".encode(),
}
_STREAMLIT_ROOT = b'<div id="root">'
# Without these, Streamlit sends the whole document uncompressed. A compressed one could not be edited, and
# "not modified" would be wrong: it speaks of Streamlit's file, which stays the same when our style changes.
_DROPPED_HEADERS = {b"accept-encoding", b"if-none-match", b"if-modified-since"}


# What the pages need beyond this server's own files.
_EXCEPTIONS = {
    # Streamlit and Plotly write style elements and attributes with ever new values, which have no hash.
    "style_src": ["'unsafe-inline'"],
    # Streamlit's script of formulas carries fonts.
    "font_src": ["data:"],
    # The logo, and charts while they become a picture.
    "img_src": ["data:", "blob:"],
}


class Document:
    """Puts style and script into the document itself: arriving later, they would move what is painted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if "text/html" in Headers(scope=scope).get("accept", ""):
            scope = {
                **scope,
                "headers": [pair for pair in scope["headers"] if pair[0] not in _DROPPED_HEADERS],
            }
        start: Message | None = None
        body = b""

        async def send_edited(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = _with_our_look(body)
            headers = MutableHeaders(raw=start["headers"])
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = _policy(body)
            for name in ("etag", "last-modified"):
                if name in headers:
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, send_edited)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def _with_our_look(html: bytes) -> bytes:
    if _STREAMLIT_ROOT not in html:
        return html
    for old, new in _REPLACEMENTS.items():
        html = html.replace(old, new)
    return html


def _policy(html: bytes) -> str:
    return content_security_policy(script_src=script_hashes(html), **_EXCEPTIONS)
