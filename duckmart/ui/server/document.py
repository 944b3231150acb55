"""The HTML document that a browser loads first: Streamlit's, with the app's name and look from the start."""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duckmart.api.http_guard import content_security_policy, script_hashes

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_SCRIPT = (_HERE / "page.js").read_text(encoding="utf-8")
# Rules in the body win over those that Streamlit adds to the head later, where both say as much.
_REPLACED = {
    b"<title>Streamlit</title>": b"<title>DuckMart</title>",
    b"</body>": f"<style>{_STYLE}</style><script>{_SCRIPT}</script></body>".encode(),
}
_ITS_OWN = b'<div id="root">'
# Of a document that was not dressed; the file's marks stay the same when the look changes.
_UNDRESSED = {b"accept-encoding", b"if-none-match", b"if-modified-since"}


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
    """Dresses the document; a style that arrives with the page's elements would move all that is painted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if "text/html" in Headers(scope=scope).get("accept", ""):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _UNDRESSED]}
        start: Message | None = None
        body = b""

        async def dress(message: Message) -> None:
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
            body = _dressed(body)
            headers = MutableHeaders(raw=start["headers"])
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = _policy(body)
            for name in ("etag", "last-modified"):
                if name in headers:
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, dress)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def _dressed(html: bytes) -> bytes:
    if _ITS_OWN not in html:
        return html
    for old, made in _REPLACED.items():
        html = html.replace(old, made)
    return html


def _policy(html: bytes) -> str:
    return content_security_policy(script_src=script_hashes(html), **_EXCEPTIONS)
