"""How the root's conditions overlap, and who nearly made it: all from the counts that came with the size."""

from collections.abc import Sequence

import streamlit as st

from duckmart.insight.truth_table import TruthTable
from duckmart.mart import Mart, Size
from duckmart.spec import describe
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import figure
from duckmart.ui.widgets import cards, charts

_OVERLAP, _NEAR = "Which conditions hold together", "Who nearly made it"


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """Show the largest combinations of the conditions, and whom one condition alone keeps out."""
    if len(segment.children) < 2:
        st.caption(
            "Here you will see for how many users several conditions hold together, and whom a single one "
            "keeps out. Add a second condition."
        )
        return
    if size.table.combinations is None:
        st.caption(
            f"Of more than {mart.settings.max_combined} conditions side by side each is counted by itself. "
            "Put some into groups to see how they overlap."
        )
        return
    if not size.table.everyone:
        st.caption("The data has no users, so no condition holds for anyone.")
        return
    labels = [describe.line(child) for child in segment.children]
    wide, narrow = st.columns([3, 2])
    with wide:
        _combinations(segment, mart, size.table, labels)
    with narrow:
        _near_misses(segment, mart, size.table, labels)


def _combinations(segment: Segment, mart: Mart, table: TruthTable, labels: Sequence[str]) -> None:
    cards.show(
        _OVERLAP,
        "Each bar counts the users for whom exactly the dotted conditions hold; teal bars are in the "
        f"segment.{_beyond(table)}{' Before the sample.' if table.sample_combinations is not None else ''}",
        figure(mart, segment, "overlap", lambda: charts.overlap(table, labels)),
        lambda: [
            {
                "Users": users,
                "In the segment": charts.is_in(segment, flags),
                # Numbered, because two conditions may read alike and would be one column.
                **{f"{place}. {label}": flag for place, (label, flag) in _numbered(labels, flags)},
            }
            for flags, users in charts.by_users(table)
        ],
        key="overlap",
    )


def _near_misses(segment: Segment, mart: Mart, table: TruthTable, labels: Sequence[str]) -> None:
    misses, without = table.near_misses, table.without
    if misses is None or without is None:
        _note("For a segment that asks for all its conditions, this shows whom each of them alone keeps out.")
        return
    if not any(misses):
        _note("Nobody fails just one condition: whoever is not in fails at least two.")
        return
    order = sorted(range(len(labels)), key=lambda child: -misses[child])
    best = order[0]
    growth = without[best] - table.total
    rest = "in the sample " if table.sample_combinations is not None else ""
    cards.show(
        _NEAR,
        f"**{formatting.markdown(labels[best])}** alone keeps out **{quantity(misses[best], 'user')}**. "
        f"Without it the segment would grow {rest}by {growth:,} to {without[best]:,}.",
        figure(
            mart,
            segment,
            "near misses",
            lambda: charts.near([labels[child] for child in order], [misses[child] for child in order]),
        ),
        lambda: [
            {
                "Condition": labels[child],
                "Users who fail only this": misses[child],
                "Would add": without[child] - table.total,
                "Size without it": without[child],
            }
            for child in order
        ],
        key="near",
    )


def _note(words: str) -> None:
    with st.container(border=True, height="stretch", key="card-near"):
        st.markdown(f"**{_NEAR}**")
        st.caption(words)


def _beyond(table: TruthTable) -> str:
    """The combinations that the figure has no room for, in words."""
    others = charts.by_users(table)[charts.COMBINATIONS_SHOWN :]
    if not others:
        return ""
    users = sum(count for _, count in others)
    members = sum(count for flags, count in others if charts.is_in(table.segment, flags))
    inside = f", {members:,} of them in the segment" if members else ""
    return (
        f" The table has {quantity(len(others), 'more combination')}, of {quantity(users, 'user')}{inside}."
    )


def _numbered(labels: Sequence[str], flags: Sequence[bool]) -> enumerate[tuple[str, bool]]:
    return enumerate(zip(labels, flags, strict=True), 1)
