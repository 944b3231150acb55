"""What leaves the page: the members as files, and the segment as SQL, JSON and commands to copy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pyarrow as pa
import streamlit as st

from duckmart.compile import KEY
from duckmart.compile.query import DIALECTS
from duckmart.export import Write
from duckmart.export_tables import TABLES, excel_writer
from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.library import saving
from duckmart.ui.results import snippets
from duckmart.ui.session import state
from duckmart.ui.session.query_runner import ask_once
from duckmart.ui.streamlit_quirks import outlasting

_COLUMNS, _TAB, _DIALECT, _VIEW, _SNIPPET = map(
    outlasting, ("delivery.columns", "delivery.tab", "dialect", "delivery.view", "delivery.snippet")
)

# From here on the page warns of the wait: one million members with 8 attributes take about 5 seconds.
MANY = 200_000
# Characters; of a longer text the page shows the first lines and offers a file.
LONGEST = 20_000
FIRST_LINES = 40


@dataclass(frozen=True, slots=True)
class TableFile:
    """A format of the table of members, as its button offers it."""

    label: str
    ending: str
    mime: str
    write: Callable[[pa.Table], Write]


_TABLE_FILES = {
    "csv": TableFile("CSV", "csv", "text/csv", TABLES["csv"]),
    "excel": TableFile("CSV for Excel", "csv", "text/csv", excel_writer),
    "parquet": TableFile("Parquet", "parquet", "application/vnd.apache.parquet", TABLES["parquet"]),
    "ndjson": TableFile("NDJSON", "ndjson", "application/x-ndjson", TABLES["ndjson"]),
}


def show_downloads(segment: Segment, mart: Mart, size: Size | None, blocker: str | None) -> None:
    """Show downloads of the members, disabled if a `blocker` says what to do first."""
    off = blocker is not None or size is None or not size.total
    as_of = size.as_of if size else mart.as_of(segment)
    with st.container(horizontal=True, gap="small", key="downloads"):
        st.download_button(
            "Download user ids",
            data=_file("csv", segment, mart, as_of, []),
            file_name=_name("csv", as_of),
            mime="text/csv",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            disabled=off,
            help=blocker or f"A CSV of all matching user ids as of {formatting.moment(as_of)}.",
            key="download",
        )
        with st.popover(
            "More formats", icon=":material/table:", disabled=off, key="formats", on_change="rerun"
        ) as box:
            if box.open and size is not None and not off:
                with st.container(width=420):
                    _show_formats(segment, mart, size)


def _show_formats(segment: Segment, mart: Mart, size: Size) -> None:
    members = quantity(size.total, "member")
    split = segment.sample is not None and segment.sample.split is not None
    variant = ", each with its `variant`" if split else ""
    st.markdown(f"**All {members}** as of {formatting.moment(size.as_of)}{variant}")
    columns = st.multiselect(
        "Attributes beside the ids",
        [name for name in mart.catalog.attributes if name != KEY],
        key=_COLUMNS,
        placeholder="Add attributes, or take the ids alone",
        # Wrapping boxes fold up when they lose focus, which moves the buttons away from under the click.
        wrap=False,
    )
    with st.container(horizontal=True, gap="small", key="files"):
        for kind, form in _TABLE_FILES.items():
            st.download_button(
                form.label,
                data=_file(kind, segment, mart, size.as_of, columns),
                file_name=_name(form.ending, size.as_of),
                mime=form.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download.{kind}",
            )
    if size.total > MANY:
        st.caption(
            f":material/hourglass_top: {size.total:,} rows take some seconds to prepare. The button turns "
            "until the file is there; you can go on editing."
        )
    st.caption(
        "**CSV for Excel** opens in Excel with accents intact: José, not JosÃ©. In both CSVs, text that "
        "would run as a formula starts with an apostrophe; ids stay as they are. **Parquet** and **NDJSON** "
        "are for programs: every value as it is in the data."
    )


def _file(
    kind: str, segment: Segment, mart: Mart, as_of: datetime, columns: list[str]
) -> Callable[[], bytes]:
    """Write the file on download, as of the moment that the page shows."""
    everyone = segment.unlimited.at(as_of)

    def write() -> bytes:
        file = BytesIO()
        _TABLE_FILES[kind].write(mart.table(everyone, columns))(file)
        return file.getvalue()

    return write


def show_copies(segment: Segment, mart: Mart, size: Size | None, blocker: str | None) -> None:
    """Show SQL, JSON and commands to copy, or the `blocker` that says what to do first."""
    sql, json, api = st.tabs(["SQL", "JSON", "API"], key=_TAB, on_change="rerun")
    if blocker is not None:
        for tab in (sql, json, api):
            tab.caption(f":orange[:material/edit: {blocker} to copy what the rows say.]")
        return
    # Closed tabs stay empty: SQL with long lists takes a second to write.
    if sql.open:
        with sql:
            _show_sql(segment, mart, size.as_of if size else mart.as_of(segment))
    if json.open:
        with json:
            st.caption("Paste it back here, keep it in a file, or POST it to `/segment`.")
            _show_text(CopyText(segment.as_json, "json", "json"), segment, mart)
    if api.open:
        with api:
            _show_api(segment, mart)


def _show_sql(segment: Segment, mart: Mart, as_of: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        dialect = st.selectbox(
            "SQL dialect",
            list(DIALECTS),
            key=_DIALECT,
            label_visibility="collapsed",
            width=160,
            format_func=DIALECTS.__getitem__,
        )
        as_view = st.toggle("As a view", key=_VIEW)
    if as_view:
        st.caption(f"The view stays at {formatting.moment(as_of)}; make it again for a later day.")
    name, everyone = _view_name(), segment.unlimited.at(as_of)

    def text() -> str:
        query = mart.members(everyone)
        return query.view(name, dialect) if as_view else query.sql(dialect)

    _show_text(CopyText(text, "sql", "sql"), everyone, mart, f"{dialect} {name if as_view else ''}")


def _show_api(segment: Segment, mart: Mart) -> None:
    server = (st.context.url or "http://localhost:8501").rstrip("/")
    spec = segment.as_json
    texts = {
        "curl": CopyText(lambda: snippets.curl(spec(), server), "bash", "sh"),
        "Python": CopyText(lambda: snippets.python(spec(), server), "python", "py"),
        "Python on the server": CopyText(lambda: snippets.duckmart(spec()), "python", "py"),
    }
    snippet = st.selectbox("Snippet", list(texts), key=_SNIPPET, label_visibility="collapsed", width=220)
    st.caption(
        "Every member, with this package and the server's data folder."
        if snippet == "Python on the server"
        else f"The count, and the first {mart.settings.ids_by_default:,} ids unless the JSON has a limit. "
        f"[What the API answers]({server}/docs)"
    )
    _show_text(texts[snippet], segment, mart, f"{snippet} {server}")


@dataclass(frozen=True, slots=True)
class CopyText:
    """A text to copy, made when its tab is open; `ending` is that of its file."""

    make: Callable[[], str]
    language: str
    ending: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """As much of a text as the page shows, and how long all of it is."""

    text: str
    characters: int

    @classmethod
    def of(cls, text: str) -> "Beginning":
        if len(text) <= LONGEST:
            return cls(text, len(text))
        lines = text[:LONGEST].split("\n")[:FIRST_LINES]
        return cls("\n".join(lines), len(text))


def _show_text(text: CopyText, segment: Segment, mart: Mart, what: str = "") -> None:
    """The text with a copy button; of a long one its beginning, and a file with all of it."""
    beginning = ask_once(mart, segment, f"{text.ending} {what}", lambda _: Beginning.of(text.make()))
    if beginning.characters > LONGEST:
        st.download_button(
            f"Download all of it (.{text.ending})",
            data=lambda: text.make().encode(),
            file_name=_name(text.ending, mart.as_of(segment)),
            mime="text/plain",
            icon=":material/download:",
            on_click="ignore",
            key=f"download.{text.ending}",
        )
        st.caption(f"{beginning.characters:,} characters are too many to read here. It begins:")
    lines = beginning.text.count("\n")
    # Long texts scroll in their box rather than pushing everything else down.
    st.code(beginning.text, language=text.language, height=420 if lines > 18 else "content")


def _name(ending: str, as_of: datetime) -> str:
    """A file's name: which segment, as of which day."""
    here = state.origin()
    what = (saving.slug(here.name) or here.id) if here else "segment"
    return f"{what}_{as_of:%Y-%m-%d}.{ending}"


def _view_name() -> str:
    """The segment's id as a name for a view, without hyphens, which some engines would have to quote."""
    here = state.origin()
    return here.id.replace("-", "_") if here else "segment"
