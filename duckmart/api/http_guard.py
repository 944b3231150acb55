"""The guard before the app and the API: who may ask, by what name, and what browsers do with the answers.

request -> Host? -> Origin? -> Sec-Fetch-Site? -> JSON? -> app or API -> answer with security headers

A server on 127.0.0.1 is still reachable from every page that its user opens. Such a page can point a name of
its own at 127.0.0.1 (DNS rebinding), open websockets, and send what needs no preflight: text, forms, images.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from duckmart.errors import SettingsError
from duckmart.settings import Settings

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
# A page may be opened from a link elsewhere; all else that a foreign site starts is refused.
_OWN_SITES = {"same-origin", "none"}
_LINK = ("navigate", "document")
_POLICY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


@dataclass(frozen=True)
class Host:
    """A name and a port, as a Host header or the address of a page has them."""

    name: str
    port: int | None


@dataclass(frozen=True)
class HttpRefusal:
    status: int
    code: str
    message: str


class HttpGuard:
    """Refuses what no page of this server sends."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = refusal_of(scope, self._names())
        if refusal:
            await refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(_with_host_of_origin(scope), receive, send)
        else:
            await self.app(scope, receive, _with_security_headers(send))

    def _names(self) -> frozenset[str]:
        """The hosts that this server answers to beside the local ones."""
        try:
            return self.settings().host_names
        except SettingsError:
            # The app and the API say what is wrong with them.
            return frozenset()


def content_security_policy(**exceptions: Iterable[str]) -> str:
    """Everything from this server alone, but for the exceptions: `script_src=["'sha256-...'"]`."""
    allowed = {name.replace("_", "-"): " ".join(["'self'", *sources]) for name, sources in exceptions.items()}
    return "; ".join(f"{directive} {sources}" for directive, sources in (_POLICY | allowed).items())


def script_hashes(html: bytes) -> list[str]:
    """The sources that allow the inline scripts of a document which holds nothing that users wrote."""
    scripts = re.findall(rb"<script>(.*?)</script>", html, re.DOTALL)
    return [f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in scripts]


SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer", with which browsers send "Origin: null" for the page's own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": content_security_policy(),
}


def refusal_of(scope: Scope, names: frozenset[str]) -> HttpRefusal | None:
    """Why a request is not answered, if it is not."""
    headers = Headers(scope=scope)
    host = parse_host(headers.getlist("host"))
    if host is None:
        return HttpRefusal(400, "bad_host", "the request needs one Host header that names this server")
    return (
        _foreign_host(host, names)
        or _foreign_origin(headers.getlist("origin"), host, names)
        or _foreign_site(scope, headers)
        or _not_json(scope, headers)
    )


def parse_host(values: list[str]) -> Host | None:
    """The host of the one Host header; None if there is not exactly one, or it is no host."""
    if len(values) != 1:
        return None
    match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?", values[0].lower(), re.ASCII)
    return Host(match[1].removesuffix("."), int(match[2]) if match[2] else None) if match else None


def parse_origin(origin: str) -> Host | None:
    """The host of an Origin header, its port always known; None for `null` and all that is no web page."""
    try:
        parts = urlsplit(origin)
        host = parse_host([parts.netloc])
    except ValueError:
        return None
    if host is None or parts.scheme not in _DEFAULT_PORTS:
        return None
    return Host(host.name, host.port or _DEFAULT_PORTS[parts.scheme])


def _foreign_host(host: Host, names: frozenset[str]) -> HttpRefusal | None:
    if host.name in LOCAL_HOSTS | names:
        return None
    name = host.name[:100]
    message = (
        f'this server does not answer to the name "{name}"; if that is its name, '
        f"start it with DUCKMART_HOSTS={name}"
    )
    return HttpRefusal(421, "foreign_host", message)


def _foreign_origin(origins: list[str], host: Host, names: frozenset[str]) -> HttpRefusal | None:
    if not origins:
        return None
    origin = parse_origin(origins[0])
    if len(origins) == 1 and origin and _is_own(origin, host, origins[0], names):
        return None
    message = (
        f'a page from "{", ".join(origins)[:100]}" may not use this server; if it is this server\'s own page '
        "behind a proxy, list its name in DUCKMART_HOSTS"
    )
    return HttpRefusal(403, "foreign_origin", message)


def _is_own(origin: Host, host: Host, text: str, names: frozenset[str]) -> bool:
    # A proxy may drop the port from Host, or send another Host: a listed name is trusted with any port.
    if origin.name in names - LOCAL_HOSTS:
        return True
    return origin == Host(host.name, host.port or _DEFAULT_PORTS[urlsplit(text).scheme])


def _foreign_site(scope: Scope, headers: Headers) -> HttpRefusal | None:
    site = headers.get("sec-fetch-site", "none")
    if site in _OWN_SITES:
        return None
    fetch = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and fetch == _LINK:
        return None
    return HttpRefusal(403, "foreign_site", "another site's page may link here, and do nothing else")


def _not_json(scope: Scope, headers: Headers) -> HttpRefusal | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    kinds = [value.partition(";")[0].strip().lower() for value in headers.getlist("content-type")]
    if kinds == ["application/json"]:
        return None
    message = "send JSON, and say so: Content-Type: application/json (curl --json does)"
    return HttpRefusal(415, "not_json", message)


def _with_host_of_origin(scope: Scope) -> Scope:
    """The scope of a websocket whose Host is that of its Origin, which is known to be this server's.

    Streamlit compares the two once more, as text. Where they differ (a port that a proxy drops, a capital
    letter) it asks a server on the internet for its own address, and all browsers wait meanwhile.
    """
    origin = Headers(scope=scope).get("origin")
    if origin is None:
        return scope
    headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
    return {**scope, "headers": [*headers, (b"host", urlsplit(origin).netloc.encode("latin-1"))]}


def _with_security_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers


async def refuse(refusal: HttpRefusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request or a websocket with the words of a refusal."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await _answer(refusal, scope)(scope, receive, _with_security_headers(send))
    else:
        await WebSocket(scope, receive, send).close(1008, refusal.code)


def _answer(refusal: HttpRefusal, scope: Scope) -> Response:
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse(f"DuckMart: {refusal.message}\n", refusal.status)
    error = {"code": refusal.code, "message": refusal.message, "problems": []}
    return JSONResponse({"error": error}, refusal.status)
