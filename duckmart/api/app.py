"""The REST API: segments in JSON, one shape for every error, and documentation that works offline."""

import logging
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import fastapi_offline
import simplejson
from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from duckmart import export
from duckmart.api import request_threads
from duckmart.api.http_guard import HttpGuard, content_security_policy, script_hashes
from duckmart.api.redaction import without_places
from duckmart.data import preparation
from duckmart.engines import Stop
from duckmart.errors import DuckMartError, Problem, SettingsError, SpecError, Unavailable
from duckmart.first_load import prepare
from duckmart.instants import stamp
from duckmart.mart import Mart, current
from duckmart.settings import Settings, settings
from duckmart.spec.examples import Example, example, examples, examples_for
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment

_log = logging.getLogger("duckmart.api")

SCHEMAS = "#/components/schemas/"
SEGMENT = {"$ref": f"{SCHEMAS}Segment"}


def example_config(**content: Json) -> ConfigDict:
    """The example of a model, for the documentation."""
    return ConfigDict(json_schema_extra={"examples": [content]})


class Answer(BaseModel):
    """The members, in the order of their ids; `total_count` is how many there are whatever the limit."""

    model_config = example_config(
        user_ids=[2, 20, 35],
        total_count=673,
        filters_applied=example("california-logged-in").spec | {"logic_operator": "AND", "limit": 3},
        as_of="2026-11-22T23:59:59Z",
        warnings=[],
    )
    user_ids: list[int | str]
    total_count: int
    filters_applied: dict[str, Json]
    as_of: str
    warnings: list[Problem]


class Gallery(BaseModel):
    """Specs that answer common questions, ready to be sent."""

    examples: list[Example]


class Health(BaseModel):
    """What is loaded; `as_of` is the moment that segments count back from."""

    status: str
    users: int
    events: int
    as_of: str
    generation: str


class Trouble(BaseModel):
    """What went wrong; `problems` name each place in a spec that cannot run."""

    model_config = example_config(
        code="spec",
        message="limit: 0 is out of range (write a whole number of at least 1)",
        problems=[
            {
                "path": "limit",
                "code": "out_of_range",
                "message": "0 is out of range",
                "hint": "write a whole number of at least 1",
            }
        ],
    )
    code: str
    message: str
    problems: list[Problem]


class Refusal(BaseModel):
    """What every route answers when it cannot do as asked."""

    error: Trouble


class ExactJSON(Response):
    """JSON whose numbers have all their digits; iterators are lists."""

    media_type = "application/json"

    def render(self, content: Json) -> bytes:
        return simplejson.dumps(
            content, use_decimal=True, ensure_ascii=False, iterable_as_array=True, separators=(",", ":")
        ).encode()


class GuardedAPI(FastAPI):
    """An API whose guard sees the answer to a defect too, unlike a middleware added the usual way."""

    def build_middleware_stack(self) -> ASGIApp:
        # The name is looked up at each request, as in the routes below.
        return HttpGuard(super().build_middleware_stack(), lambda: settings())  # noqa: PLW0108


@asynccontextmanager
async def making_data(_app: object) -> AsyncIterator[None]:
    """The server's lifespan: it starts to make demo data if the data folder is new."""
    # The server starts whatever the settings are; each request then reports the one that makes no sense.
    with suppress(SettingsError):
        preparation.start(settings(), prepare)
    yield


api = GuardedAPI(
    lifespan=making_data,
    title="DuckMart",
    summary="Which users does a segment hold?",
    description="Send a segment as JSON, get its user ids. The app and the command line take the same JSON. "
    "Every error has one shape: `Refusal`.",
    version="1",
    docs_url=None,
    redoc_url=None,
    # Relative to this description: a proxy may serve the API below a path that it tells nobody.
    servers=[{"url": "."}],
    root_path_in_servers=False,
)
api.mount("/docs/assets", StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))


@api.get("/docs", include_in_schema=False)
def documentation() -> Response:
    """Swagger UI without files from other servers, at relative addresses so that it works below any path."""
    page = get_swagger_ui_html(
        title=f"{api.title} - Swagger UI",
        openapi_url="openapi.json",
        swagger_js_url="docs/assets/swagger-ui-bundle.js",
        swagger_css_url="docs/assets/swagger-ui.css",
        swagger_favicon_url="docs/assets/favicon.png",
        # The validator is another server, which would learn the address of this API.
        swagger_ui_parameters={"validatorUrl": None, "defaultModelsExpandDepth": 0},
    )
    page.headers["Content-Security-Policy"] = content_security_policy(
        script_src=script_hashes(bytes(page.body)),
        style_src=["'unsafe-inline'"],
        img_src=["data:"],
    )
    return page


async def body(request: Request) -> bytes:
    """Read the body, stopping just past the limit so that the spec's reader can refuse it."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > settings().max_body:
            break
    return bytes(read)


@api.post(
    "/segment",
    summary="The members of a segment",
    responses={
        200: {"model": Answer},
        422: {"model": Refusal, "description": "The spec cannot run; every problem is named."},
        503: {"model": Refusal, "description": "No data is loaded yet, or too many queries are running."},
        504: {"model": Refusal, "description": "The query took too long and was stopped."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": SEGMENT,
                    "examples": {
                        one.id: {"summary": one.title, "description": one.question, "value": one.spec}
                        for one in examples()
                    },
                }
            },
        }
    },
)
async def segment(request: Request, spec: Annotated[bytes, Depends(body)]) -> Response:
    """At most `limit` user ids (1,000 unless set otherwise), and how many members there are in all."""
    config = settings()

    def answer(stop: Stop) -> Response:
        mart = current(config)
        segment, warnings = mart.read(spec)
        audience = mart.audience(segment.model_copy(update={"limit": _limit(segment, config)}), stop)
        return ExactJSON(export.answer(audience, segment, warnings))

    return await request_threads.question(request, config, answer)


@api.get("/examples", summary="Specs for common questions", responses={200: {"model": Gallery}})
def gallery() -> Response:
    """Each with its question; send `spec` to `POST /segment`. They are for the demo data that is served."""
    return ExactJSON(Gallery(examples=[*examples_for(_served_events())]).model_dump())


def _served_events() -> Collection[str]:
    try:
        return current(settings()).catalog.events
    except Unavailable:
        return ()


@api.get(
    "/health",
    summary="Whether segments can be asked for",
    responses={200: {"model": Health}, 503: {"model": Refusal, "description": "No data is loaded yet."}},
)
async def health() -> Response:
    """What is loaded, and the moment segments count back from. It never waits for anybody's question."""
    config = settings()
    return ExactJSON((await request_threads.status(lambda: _health(current(config)))).model_dump())


def _health(mart: Mart) -> Health:
    return Health(
        status="ok",
        users=mart.catalog.users,
        events=mart.catalog.event_total,
        as_of=stamp(mart.moment()),
        generation=mart.catalog.generation,
    )


@api.exception_handler(DuckMartError)
async def own_error(_: Request, error: DuckMartError) -> Response:
    problems = error.problems if isinstance(error, SpecError) else ()
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return _refusal(error.status, error.code, _public(error), problems, headers)


@api.exception_handler(HTTPException)
async def http_error(request: Request, error: HTTPException) -> Response:
    code = str(error.detail).lower().replace(" ", "_")
    message = f"{request.method} {request.url.path}: {error.detail}; /docs names what there is"
    return _refusal(error.status_code, code, message, headers=error.headers)


@api.exception_handler(Exception)
async def defect(_: Request, _error: Exception) -> Response:
    """Starlette raises the error again, so the server logs it; the caller learns nothing of our insides."""
    return _refusal(500, "internal", "something went wrong here; the server's log says what")


def _public(error: DuckMartError) -> str:
    """The error's text without places of this machine, which the log has."""
    if isinstance(error, SpecError):
        return str(error)  # its values are the caller's own
    if isinstance(error, SettingsError):
        words = "a setting of the server makes no sense; its log says which"
    elif isinstance(error, Unavailable) and settings().engine:
        # The driver's words name hosts and accounts.
        words = "the database that holds the data cannot be asked; the server's log says why"
    else:
        words = without_places(str(error), settings())
    if words != str(error):
        _log.warning("%s", error)
    return words


def _limit(segment: Segment, config: Settings) -> int:
    if segment.limit is None:
        return config.ids_by_default
    if segment.limit > config.max_limit:
        most = f"{config.max_limit:,}"
        hint = f"write a whole number from 1 to {most}, or ask for all of them on the command line"
        raise SpecError([Problem("limit", "out_of_range", f"{segment.limit:,} is more than {most}", hint)])
    return segment.limit


def _refusal(
    status: int,
    code: str,
    message: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    trouble = {"code": code, "message": message, "problems": [problem.as_dict() for problem in problems]}
    return ExactJSON({"error": trouble}, status, headers)


def _document_the_spec(document: dict[str, Any]) -> None:
    """Adds the models of a spec, which the routes read by themselves, to what FastAPI knows of."""
    spec = Segment.model_json_schema(ref_template=SCHEMAS + "{model}")
    schemas = document["components"]["schemas"]
    schemas |= {**spec.pop("$defs"), "Segment": spec}
    schemas["Answer"]["properties"]["filters_applied"] = SEGMENT


def _paths() -> Iterator[str]:
    for route in api.routes:
        if isinstance(route, Mount):
            yield route.path + "/{rest:path}"
        elif isinstance(route, Route):
            yield route.path


_document_the_spec(api.openapi())
# Every path of the API, for a server of more than the API to send here.
PATHS = tuple(_paths())
