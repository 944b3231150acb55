"""DuckMart's one process: the app for people and the API for programs, on one port.

The server imports this file to learn what the process serves; each browser session runs it to draw its page.
"""

import streamlit as st
from streamlit import runtime

if not runtime.exists():
    from starlette.middleware import Middleware
    from starlette.routing import Route

    from duckmart.api.app import PATHS, api, making_data
    from duckmart.api.http_guard import HttpGuard
    from duckmart.settings import settings
    from duckmart.ui.server.document import Document
    from duckmart.ui.server.open_routes import BelowBase, OpenRoutes, base_path
    from duckmart.ui.streamlit_quirks import draw_pages_within_the_app

    draw_pages_within_the_app()
    base = base_path(st.get_option("server.baseUrlPath"))
    routes = [Route(base + path, endpoint=BelowBase(api, base)) for path in PATHS]
    # `streamlit run` looks for a name that is given an App.
    app = st.App(
        __file__,
        lifespan=making_data,
        routes=routes,
        middleware=[Middleware(OpenRoutes, routes=routes, base=base), Middleware(Document)],
    )
    # Around the whole app: a middleware of its list would not see the answer to a defect.
    app = HttpGuard(app, settings)
else:
    from duckmart.ui import frame

    frame.show()
