"""The answer beside the rows: the count as one edits, the sentence, the download, SQL and JSON to copy."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from duckmart import describe, edit
from duckmart.edit import Built, Draft
from duckmart.errors import Problem, SpecError
from duckmart.mart import Mart, Size
from duckmart.segment import Segment, dotted
from duckmart.ui import delivery, plain
from duckmart.ui.asking import ask, failing, remember
from duckmart.ui.rows import Notes


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
            delivery.show_downloads(answer.segment, mart, size)
    if answer.segment is not None:
        delivery.show_copies(answer.segment, mart)
    return size


def _headline(answer: Answer, mart: Mart) -> Size | None:
    with st.container(key="headline", gap="xxsmall"):
        segment = answer.segment
        if segment is None:
            st.metric("Matching users", "–")
            return None
        size = failing(
            lambda: remember(mart, segment, "size", lambda: ask(lambda stop: mart.size(segment, stop)))
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


def _moment(as_of: datetime) -> str:
    return f"{as_of:%d %b %Y, %H:%M} UTC"
