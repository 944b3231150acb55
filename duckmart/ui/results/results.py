"""The answer beside the rows: the count as one edits, the sentence, the download, SQL and JSON to copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from duckmart import instants
from duckmart.errors import LibraryError, Problem, Repair, SpecError
from duckmart.mart import Mart, Size
from duckmart.spec import condition_json, describe, draft_json, edit
from duckmart.spec.draft import Draft
from duckmart.spec.draft_json import DraftSpec
from duckmart.spec.json_text import JsonObject
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import EventFilter, Segment, SequenceFilter
from duckmart.spec.spans import Span
from duckmart.spec.tree import walk
from duckmart.spec.words import are, quantity
from duckmart.ui import formatting
from duckmart.ui.editor.rows import Notes, RowProblem, Tally
from duckmart.ui.results import delivery
from duckmart.ui.session import answer_cache, state
from duckmart.ui.session.query_runner import ask_once, failing, paint
from duckmart.ui.wording import Wording


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """What the draft means now: its checked segment, or the problems that keep it from running."""

    built: DraftSpec
    wording: Wording
    segment: Segment | None
    findings: tuple[Problem, ...]

    @classmethod
    def to(cls, draft: Draft, mart: Mart, saved: Mapping[str, str]) -> "DraftAnswer":
        """`saved` are the names of the saved segments by their ids."""
        built = draft_json.build(draft)
        wording = Wording(_row_names(built, draft.root.numbers()), saved)
        if built.waits:
            return cls(built, wording, None, ())
        try:
            here = state.origin()
            moment = answer_cache.moment(mart, built.spec)
            segment, warnings = mart.accept(built.spec, moment, here.id if here else None)
        except SpecError as error:
            return cls(built, wording, None, error.problems)
        except LibraryError as error:
            # The rows stay, so that the one that refers to a saved segment can be removed.
            return cls(built, wording, None, (Problem("", error.code, str(error)),))
        return cls(built, wording, segment, warnings)

    @property
    def blocker(self) -> str | None:
        """What to do before the segment can be saved, shared or downloaded; None if nothing."""
        if count := len(self.built.incomplete):
            return f"Finish or remove {quantity(count, 'row')}"
        return None if self.segment is not None else "Fix the highlighted rows first."

    def notes(self, size: Size | None, mart: Mart) -> Notes:
        """What the rows show of the answer; findings that belong to no row are shown with the results."""
        problems: dict[str, list[RowProblem]] = {}
        for finding in self.findings:
            if (path := self.row_path(finding)) is not None:
                row = self.built.rows[path]
                buttons = repairs(finding, row, path)
                # Buttons say what to do, so the message goes without the hint.
                words = self.wording.message(finding) if buttons else self.wording.sentence(finding)
                problems.setdefault(row, []).append(RowProblem(words, buttons))
        return Notes(self._tallies(size), self._windows(size, mart), problems, self._counted_as())

    def _counted_as(self) -> dict[str, str]:
        """What the unfinished rows count as in the meantime, in words."""
        nodes = dict(walk(self.segment)) if self.segment is not None else {}
        return {
            row: describe.line(nodes[path])
            for path, row in self.built.rows.items()
            if row in self.built.incomplete and path in nodes
        }

    def row_path(self, finding: Problem) -> Path | None:
        """Where the row is that a finding's path leads to, or into."""
        inside = (path for path in self.built.rows if f"{finding.path}.".startswith(f"{dotted(path)}."))
        return max(inside, key=len, default=None)

    def _tallies(self, size: Size | None) -> dict[str, Tally]:
        if size is None or self.segment is None:
            return {}
        table = size.table
        direct = zip((path for path, _ in self.segment.children_with_paths()), table.alone, strict=True)
        matching = {**dict(direct), **table.nested}
        return {
            row: Tally(matching[path], table.without_value.get(path, 0), table.everyone)
            for path, row in self.built.rows.items()
            if path in matching
        }

    def _windows(self, size: Size | None, mart: Mart) -> dict[str, str]:
        if self.segment is None:
            return {}
        segment = self.segment.at(size.as_of) if size else self.segment
        return {
            self.built.rows[path]: days
            for path, node in walk(segment)
            if isinstance(node, EventFilter | SequenceFilter)
            and (days := dates(mart.span(node, segment), segment.zone, mart.as_of(segment)))
        }


def _row_names(built: DraftSpec, numbers: Mapping[str, str]) -> dict[str, str]:
    """What the page calls the rows, by their paths: "filter 1.2"."""
    return {
        dotted(path): f"{'group' if path[-2] == 'groups' else 'filter'} {numbers[row]}"
        for path, row in built.rows.items()
    }


def repairs(finding: Problem, row: str, path: Path) -> dict[str, Callable[[], Draft]]:
    """The edits that repair a row, by what their buttons say."""
    if finding.code == "duplicate" and finding.about:
        return {"Remove this one": lambda: edit.remove(state.draft(), row)}
    steps = finding.path.split(".")[len(path) :]
    inside = tuple(int(step) if step.isdecimal() else step for step in steps)

    def use_name(name: str) -> Draft:
        if inside == ("measure",):  # {"sum": "amount"}: it is the property's name that is wrong
            return edit.change_complete(
                state.draft(), row, inside, lambda measure: dict.fromkeys(measure, name)
            )
        return edit.change_complete(state.draft(), row, inside, lambda _: name)

    edits: dict[str, Callable[[], Draft]] = {}
    edits |= {f"Use {name}": partial(use_name, name) for name in finding.instead}
    return edits | {repair.label: partial(_with_repair, row, repair) for repair in finding.repairs}


def _with_repair(row: str, repair: Repair) -> Draft:
    """The draft with the row's keys as the repair sets them."""

    def change(condition: JsonObject) -> JsonObject:
        for key, part in repair.changes:
            condition = condition_json.with_key(condition, key, part)
        return condition

    return edit.change_complete(state.draft(), row, (), change)


def dates(span: Span, zone: ZoneInfo, as_of: datetime) -> str:
    """A window's first and last day, with the year where it is not that of the moment counted from.

    With the time of day where the window is not as long as some days.
    Nothing for all history and for windows of each user's own.
    """
    start = span.after or span.since
    if start is None or span.anchor is not None:
        return ""
    first, last = instants.local_day(start, zone), instants.local_day(span.until, zone)
    this_year = instants.local_day(as_of, zone).year
    start_year = f" {first.year}" if first.year != last.year else ""
    end_year = "" if first.year == last.year == this_year else f" {last.year}"
    begins, ends = f"{first.day} {first:%b}{start_year}", f"{last.day} {last:%b}{end_year}"
    if not span.hours:
        return f"{begins} – {ends}"
    from_time, to_time = (f"{instants.local_time(end, zone):%H:%M}" for end in (start, span.until))
    return (
        f"{ends}, {from_time} – {to_time}" if first == last else f"{begins}, {from_time} – {ends}, {to_time}"
    )


def show(answer: DraftAnswer, mart: Mart) -> Size | None:
    """Show the results panel and return the size in it, if there is one."""
    with st.container(border=True, key="answer"):
        size = _headline(answer, mart)
        _findings(answer)
        if answer.segment is not None:
            with st.container(key="sentence"):
                st.html(f'<div class="sentence">{escape(describe.sentence(answer.segment.unlimited))}</div>')
            _notes(answer, answer.segment, mart)
            delivery.show_downloads(answer.segment, mart, size, answer.blocker)
    return size


def _headline(answer: DraftAnswer, mart: Mart) -> Size | None:
    with st.container(key="headline", gap="xxsmall"):
        segment = answer.segment
        if segment is None:
            st.metric("Matching users", "–")
            return None
        size = failing("count", lambda: _size(segment, mart))
        if size is None:
            st.metric("Matching users", "–")
            return None
        st.metric("Matching users", f"{size.total:,}")
        label = "" if segment.children or segment.sample else _EVERYONE[segment.negate]
        st.caption(
            f"**{formatting.share(size.share)}** of {quantity(size.table.everyone, 'user')}{label}"
            f" · as of {formatting.moment(size.as_of)} · {size.seconds * 1000:,.0f} ms"
        )
        paint(segment.at(size.as_of))
        return size


_EVERYONE = {False: " · everyone", True: " · everyone is excluded"}


def _size(segment: Segment, mart: Mart) -> Size:
    """The segment's size; a change of how the root joins its conditions asks nothing anew."""
    has_combinations = len(segment.children) <= mart.settings.max_combined
    # One key for all ways to join the same children: their combinations answer each of them.
    key = segment.model_copy(update=_JOINED_BY_ALL) if has_combinations else segment
    size = ask_once(mart, key, "size", lambda stop: mart.size(segment, stop))
    is_same = all(getattr(size.table.segment, name) == getattr(segment, name) for name in _JOINED_BY_ALL)
    return size if is_same else size.with_root(segment)


_JOINED_BY_ALL = {"logic_operator": "AND", "at_least": None, "negate": False, "limit": None}


def _findings(answer: DraftAnswer) -> None:
    """Findings that no row can show, and the reason why there is no count."""
    homeless = [finding for finding in answer.findings if answer.row_path(finding) is None]
    for finding in homeless:
        st.warning(formatting.markdown(answer.wording.sentence(finding)), icon=":material/warning:")
    if answer.segment is None and not homeless and not answer.built.waits:
        st.warning("Fix the highlighted rows to get a count.", icon=":material/warning:")
    if answer.built.incomplete:
        after = "get a count" if answer.segment is None else "save, download, share or copy"
        st.caption(f":orange[:material/edit: {answer.blocker} to {after}.]")


def _notes(answer: DraftAnswer, segment: Segment, mart: Mart) -> None:
    """Show what is easily overlooked about the answer: rows, limits and moments that change it."""
    counting = set(answer.built.rows.values())
    if count := sum(row not in counting for row in answer.built.incomplete):
        st.caption(f":orange[:material/edit: {are(count, 'unfinished row')} not counted.]")
    if count := sum(row in counting for row in answer.built.incomplete):
        count_as = "counts as it was" if count == 1 else "count as they were"
        st.caption(
            f":orange[:material/edit: {quantity(count, 'unfinished row')} {count_as} before the edit.]"
        )
    if count := len(answer.built.muted):
        st.caption(f":material/visibility_off: {are(count, 'muted row')} left out.")
    if count := sum(answer.row_path(finding) is not None for finding in answer.findings):
        st.caption(f":orange[:material/warning: {quantity(count, 'warning')} beside the rows.]")
    if segment.limit is not None:
        st.caption(f"The limit of {segment.limit:,} is for API answers; count, charts and download show all.")
    if segment.as_of_utc is not None:
        st.caption("Counted back from the moment that is set below; attributes are today's.")
