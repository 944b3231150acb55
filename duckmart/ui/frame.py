"""What surrounds every page: title, logo, look, navigation; and the data that every page needs."""

from base64 import b64encode
from pathlib import Path

import streamlit as st

from duckmart.errors import DuckMartError
from duckmart.settings import settings
from duckmart.ui import formatting
from duckmart.ui.data.first_run import ensure_data
from duckmart.ui.library import drafts
from duckmart.ui.streamlit_quirks import keep_undrawn_values

_HERE = Path(__file__).parent
_PAGES = _HERE.parent.parent / "pages"


def show() -> None:
    """Draws the page that the address names, once there is data."""
    st.set_page_config(page_title="DuckMart", page_icon="🦆", layout="wide")
    _logo()
    page = st.navigation(
        [
            st.Page(_PAGES / "builder.py", title="Builder", default=True),
            st.Page(_PAGES / "data.py", title="Data", url_path="data"),
        ],
        position="top",
    )
    keep_undrawn_values()
    try:
        ensure_data(settings())
        # The page reads the draft that `begin` restores; `settle` waits for a disk, so it comes last.
        drafts.begin(settings(), page.url_path)
        page.run()
        drafts.settle(settings())
    except DuckMartError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")


def _logo() -> None:
    drawing = b64encode((_HERE / "logo.svg").read_bytes()).decode()
    st.logo(f"data:image/svg+xml;base64,{drawing}", size="large")
