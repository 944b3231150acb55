"""The answer beside the rows: the count as one edits, the sentence, the download, SQL and JSON to copy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from typing import Literal, TypeVar

import streamlit as st
from plotly.graph_objects import Figure

from duckmart import describe, edit
from duckmart.edit import Built, Draft
from duckmart.errors import EngineError, Problem, SpecError
from duckmart.export import csv_writer
from duckmart.mart import Mart, Size
from duckmart.metrics import Breakdown
from duckmart.query import DIALECTS
from duckmart.segment import Segment, dotted
from duckmart.ui import charts, plain, state, why
from duckmart.ui.asking import ask
from duckmart.ui.rows import Notes

Found = TypeVar("Found")

PREVIEW_ROWS = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What the draft means now: its checked segment, or the problems that keep it from running."""

    built: Built
    segment: Segment | None
    findings: tuple[Problem, ...]

    @classmethod
    def to(cls, draft: Draft, mart: Mart) -> "Answer":
        built = edit.built(draft)
        try:
            segment, warnings = mart.accept(built.spec)
        except SpecError as error:
            return cls(built, None, error.problems)
        return cls(built, segment, warnings)

    def notes(self, size: Size | None) -> Notes:
        """What the rows show of the answer; findings that belong to no row are shown with the results."""
        children = (
            [self.built.rows.get(path) for path, _ in self.segment.children_with_paths()]
            if self.segment
            else []
        )
        alone = dict(zip(children, size.table.alone, strict=True)) if size and len(children) > 1 else {}
        problems: dict[str, list[Problem]] = {}
        for finding in self.findings:
            problems.setdefault(self.row_of(finding) or "", []).append(finding)
        return Notes({row: users for row, users in alone.items() if row is not None}, problems)

    def row_of(self, finding: Problem) -> str | None:
        """The row that a finding's path leads to, or into."""
        inside = [
            (len(path), row)
            for path, row in self.built.rows.items()
            if finding.path == dotted(path) or finding.path.startswith(dotted(path) + ".")
        ]
        return max(inside)[1] if inside else None


def show(answer: Answer, mart: Mart) -> Size | None:
    """The results panel; returns the size that it shows, if there is one."""
    with st.container(border=True, key="answer"):
        size = _headline(answer, mart)
        _findings(answer)
        if answer.segment is not None:
            st.html(f'<div class="sentence">{escape(describe.sentence(answer.segment.unlimited))}</div>')
            _notes(answer, answer.segment, mart)
            _download(answer.segment, mart, size)
    if answer.segment is not None:
        _copies(answer.segment, mart)
    return size


def show_waterfall(segment: Segment, mart: Mart, size: Size) -> None:
    """How the root's conditions narrow (or widen) the audience, in their order."""
    title = "How each condition narrows the audience"
    if segment.logic_operator != "AND":
        title = "How each condition widens the audience"
    with st.container(border=True, key="waterfall"):
        st.markdown(f"**{title}**")
        if size.table.waterfall is None:
            most = mart.settings.max_combined
            st.caption(f"Of more than {most} conditions side by side each is counted by itself: group some.")
            return
        labels = [describe.line(child) for child in segment.children]
        figure = _remember(mart, segment, "waterfall", lambda: charts.waterfall(size.table, labels))
        st.plotly_chart(figure, key="chart-waterfall", config=charts.CONFIG, alt=title)


def show_people(segment: Segment, mart: Mart, size: Size) -> None:
    """Who the members are, by every attribute that can be charted, beside everyone."""
    st.subheader("Who they are", anchor=False)
    if not size.total:
        st.caption("Nobody matches, so there is nobody to chart. Loosen a condition to see who comes in.")
        return
    st.caption(
        "Bars are this segment, gold marks everyone. Hover for counts and the index (100 = like everyone)."
    )
    found = _failing(
        lambda: _remember(
            mart, segment, "people", lambda: _drawn(ask(lambda stop: mart.breakdowns(segment, stop), 300))
        )
    )
    if not found:
        return
    for start in range(0, len(found), 3):
        columns = st.columns(3)
        for column, (chart, figure) in zip(columns, found[start : start + 3], strict=False):
            with (
                column,
                st.container(border=True, height="stretch", gap="xsmall", key=f"card-{chart.attribute.name}"),
            ):
                _person_chart(chart, figure)


def show_members(segment: Segment, mart: Mart, size: Size) -> None:
    """The first members with their attributes."""
    with st.expander(
        f"Preview members ({min(size.total, PREVIEW_ROWS):,} of {size.total:,})",
        key="preview",
        on_change="rerun",
    ) as box:
        if not box.open:
            return
        if not size.total:
            st.caption("Nobody matches.")
            _failing(lambda: why.show(segment, mart))
            return
        cut = segment.model_copy(update={"limit": PREVIEW_ROWS})
        names = list(mart.catalog.attributes)
        table = _failing(
            lambda: _remember(mart, cut, "members", lambda: ask(lambda stop: mart.table(cut, names, stop)))
        )
        if table is not None:
            st.dataframe(table, hide_index=True, key="members")
        _failing(lambda: why.show(segment, mart))


def _headline(answer: Answer, mart: Mart) -> Size | None:
    with st.container(key="headline", gap="xxsmall"):
        segment = answer.segment
        if segment is None:
            st.metric("Matching users", "–")
            return None
        size = _failing(
            lambda: _remember(mart, segment, "size", lambda: ask(lambda stop: mart.size(segment, stop)))
        )
        if size is None:
            st.metric("Matching users", "–")
            return None
        st.metric("Matching users", f"{size.total:,}")
        label = "" if segment.children else (" · everyone is excluded" if segment.negate else " · everyone")
        st.caption(
            f"**{size.share:.1%}** of {size.table.everyone:,} users{label} · as of {_moment(size.as_of)}"
            f" · {size.seconds * 1000:,.0f} ms"
        )
        return size


def _findings(answer: Answer) -> None:
    """Findings that no row can show, and the reason why there is no count."""
    homeless = [finding for finding in answer.findings if answer.row_of(finding) is None]
    for finding in homeless:
        st.warning(plain.markdown(str(finding)), icon=":material/warning:")
    if answer.segment is None and not homeless:
        st.warning("Mend the marked rows to get a count.", icon=":material/warning:")


def _notes(answer: Answer, segment: Segment, mart: Mart) -> None:
    """What is easily overlooked about this answer."""
    if answer.built.unfinished:
        count = len(answer.built.unfinished)
        rows = "row is" if count == 1 else "rows are"
        st.caption(f":orange[:material/edit: {count} unfinished {rows} not counted.]")
    if answer.findings:
        count = len(answer.findings)
        warnings = "warning" if count == 1 else "warnings"
        st.caption(f":orange[:material/warning: {count} {warnings} beside the rows.]")
    if segment.limit is not None:
        st.caption(f"The limit of {segment.limit:,} is for API answers; count, charts and download show all.")
    if segment.pinned is not None:
        st.caption("Counted back from the JSON's own as-of moment; attributes are today's.")


def _download(segment: Segment, mart: Mart, size: Size | None) -> None:
    everyone = segment.unlimited

    def ids() -> bytes:
        made = BytesIO()
        csv_writer(mart.table(everyone, []))(made)
        return made.getvalue()

    st.download_button(
        "Download user ids",
        data=ids,
        file_name="segment_user_ids.csv",
        mime="text/csv",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        disabled=size is None or not size.total,
        help="A CSV of all matching user ids.",
        key="download",
    )


def _copies(segment: Segment, mart: Mart) -> None:
    sql, json = st.tabs(["SQL", "JSON"])
    with sql:
        dialect = st.selectbox(
            "SQL dialect",
            list(DIALECTS),
            key="dialect",
            label_visibility="collapsed",
            width=160,
            format_func=DIALECTS.__getitem__,
        )
        st.code(
            mart.members(segment.unlimited).sql(dialect),
            language="sql",
            height=_height(mart, segment),
            wrap_lines=False,
        )
    with json:
        st.caption("Paste it back here, keep it in a file, or POST it to `/segment`.")
        st.code(segment.as_json(), language="json")


def _height(mart: Mart, segment: Segment) -> int | Literal["content"]:
    """Long SQL scrolls in its box rather than pushing everything else down."""
    return 420 if mart.members(segment.unlimited).sql().count("\n") > 18 else "content"


def _drawn(found: list[Breakdown]) -> list[tuple[Breakdown, Figure]]:
    """Figures with what they show; remembered with it, for making them takes longer than the query."""
    return [(chart, charts.breakdown(chart)) for chart in found]


def _person_chart(chart: Breakdown, figure: Figure) -> None:
    words = chart.attribute.name.replace("_", " ")
    name = words[:1].upper() + words[1:]
    hidden = len(chart.bars) - len(charts.shown(chart))
    st.markdown(f"**{plain.markdown(name)}**")
    st.caption(plain.markdown(charts.headline(chart)))
    st.plotly_chart(
        figure,
        key=f"chart-{chart.attribute.name}",
        config=charts.CONFIG,
        alt=f"{name}: members beside everyone",
    )
    if chart.width is not None and hidden:
        st.caption(_unknown(chart))
    elif hidden:
        st.caption(f"{len(charts.shown(chart))} of {len(chart.bars)} values shown.")


def _unknown(chart: Breakdown) -> str:
    members, everyone = chart.shares(next(bar for bar in chart.bars if bar.value is None))
    return f"Without a value: {members:.1%} of the segment, {everyone:.1%} of everyone."


def _remember(mart: Mart, segment: Segment, what: str, find: Callable[[], Found]) -> Found:
    return state.remembered(mart, f"{what} {segment.meaning}", find)


def _failing(find: Callable[[], Found]) -> Found | None:
    """An answer, or the engine's failure in words where it would have been."""
    try:
        return find()
    except EngineError as error:
        st.error(str(error), icon=":material/error:")
        return None


def _moment(as_of: datetime) -> str:
    return f"{as_of:%d %b %Y, %H:%M} UTC"
