"""DuckMart's one process: the app for people and the API for programs, on one port.

The server imports this file to learn what the process serves; each browser session runs it to draw its page.
"""

import streamlit as st
from streamlit import runtime

if not runtime.exists():
    from starlette.middleware import Middleware
    from starlette.routing import Route
    from streamlit.runtime.pages_manager import PagesManager

    from duckmart.api import PATHS, api
    from duckmart.ui.document import Document

    # A server opened first at a page's own address would else run that page's file bare, without this one.
    PagesManager.uses_pages_directory = False
    app = st.App(
        __file__,
        routes=[Route(path, endpoint=api) for path in PATHS],
        middleware=[Middleware(Document)],
    )
else:
    from duckmart.ui import frame

    frame.show()
