"""What the data holds and where it comes from: users, events, attributes and properties."""

from collections.abc import Iterable

import streamlit as st

from duckmart.catalog import Catalog, Column
from duckmart.compile import EVENTS, USERS
from duckmart.data.generation import OLDER
from duckmart.data.generations import Generations
from duckmart.errors import LoadError
from duckmart.settings import Settings
from duckmart.ui import formatting

_MOST_VALUES = 6
_FILLED = {"filled": st.column_config.ProgressColumn("filled", format="percent", min_value=0, max_value=1)}


def show(catalog: Catalog, settings: Settings) -> None:
    """Show the data's source, its size, each column, and how to load other data if files can be loaded."""
    st.title("Data", anchor=False)
    st.caption(_source(catalog, settings))
    _show_totals(catalog)
    st.header("User attributes", anchor=False)
    _show_columns(catalog.attributes.values(), catalog.users, "attributes")
    events, properties = st.columns(2, gap="medium")
    with events:
        _show_events(catalog)
    with properties:
        st.header("Event properties", anchor=False)
        if catalog.properties:
            _show_columns(catalog.properties.values(), catalog.event_total, "properties")
        else:
            st.caption("The events have no further columns.")
    if catalog.left_out:
        names = formatting.markdown(", ".join(catalog.left_out))
        st.caption(f"Left out, because their types cannot be compared: {names}.")
    if settings.engine:
        _explain_tables()
    else:
        _explain_loading()


def _source(catalog: Catalog, settings: Settings) -> str:
    read = formatting.moment(catalog.loaded_at)
    if not settings.engine:
        return f"Generation {catalog.generation}, loaded {read}{_age(catalog, settings)}."
    # The package needs psycopg, which is installed only where PostgreSQL is served.
    from duckmart.engines.postgres.relations import Address  # noqa: PLC0415

    address = Address.of(settings.engine)
    database = f" **{formatting.markdown(address.database)}**" if address.database else ""
    users, events = (formatting.markdown(".".join(address.parts(table))) for table in (USERS, EVENTS))
    return (
        f"Served from the PostgreSQL database{database}: users from **{users}**, events from **{events}**. "
        f"This page shows them as of {read}."
    )


def _age(catalog: Catalog, settings: Settings) -> str:
    generation = Generations(settings.data).generation(catalog.generation)
    try:
        return f"; {OLDER}" if generation.facts().is_older else ""
    except LoadError:
        # The data itself is served; the list of generations says what is wrong with its report.
        return ""


def _show_totals(catalog: Catalog) -> None:
    span = "none"
    if catalog.newest_event:
        span = f"{catalog.oldest_event:%d %b %Y} – {catalog.newest_event:%d %b %Y}"
    with st.container(horizontal=True):
        st.metric("Users", f"{catalog.users:,}", border=True)
        st.metric("Events", f"{catalog.event_total:,}", border=True)
        st.metric("Time span", span, border=True)


def _show_columns(columns: Iterable[Column], rows: int, key: str) -> None:
    facts = [_facts(column, rows) for column in columns]
    st.dataframe(facts, column_config=_FILLED, hide_index=True, key=f"data.{key}")


def _facts(column: Column, rows: int) -> dict[str, object]:
    """One line of a table of columns; `holds` are the most frequent values, or the range."""
    holds = "" if column.low is None else f"{column.low} to {column.high}"
    if column.values:
        more = ", …" if len(column.values) > _MOST_VALUES else ""
        holds = ", ".join(str(value) for value, _ in column.values[:_MOST_VALUES]) + more
    return {
        "column": column.name,
        "kind": str(column.kind),
        "filled": 1 - column.missing / rows if rows else None,
        "holds": holds,
    }


def _show_events(catalog: Catalog) -> None:
    st.header("Events", anchor=False)
    st.dataframe(
        [{"event": name, "count": count} for name, count in catalog.events.items()],
        column_config={"count": st.column_config.NumberColumn("count", format="localized")},
        hide_index=True,
        key="data.events",
    )


def _explain_tables() -> None:
    st.header("Change the data", anchor=False)
    st.write(
        "Change the tables in PostgreSQL: nothing is copied, so the next answer is of the new rows. "
        "This page and the menus of the builder follow about a minute later."
    )


def _explain_loading() -> None:
    st.header("Bring your own", anchor=False)
    st.write(
        "Load CSV or Parquet files; the app switches to them at the next click, and a bad load changes "
        "nothing."
    )
    st.code("python -m duckmart load --users users.csv --events events.csv", language="bash")
    st.caption(
        "Users need `user_id`; events need `user_id`, `event_name` and `timestamp`. Every other column "
        "becomes an attribute or an event property, typed by what it holds."
    )
