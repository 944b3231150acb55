"""What a load should refuse and clear, by plain Python that shares nothing with it but the rules."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Row = tuple[int, dict[str, str]]
"""The line a row starts at, and its cells."""

AGES = {
    "0": "",
    "30": "",
    "1e1": "",
    "130": "",
    "131": "not between 0 and 130",
    "-1": "not between 0 and 130",
    "thirty": "not a number",
    "3 0": "not a number",
}
"""Values of an age, and why one is cleared; `NaN` is no value."""

DATES = {
    "2026-01-31": "",
    "2026/1/5": "",
    "2026-02-30": "not a date",
    "05.01.2026": "not a date",
    "soon": "not a date",
}

TIMES = {
    "2026-11-01": datetime(2026, 11, 1),
    "2026-11-01 10:00": datetime(2026, 11, 1, 10),
    "2026-11-01T10:00:00Z": datetime(2026, 11, 1, 10),
    "2026-11-23T14:00:00+02:00": datetime(2026, 11, 23, 12),
    "2026-11-23 12:00:01": datetime(2026, 11, 23, 12, 0, 1),
    "2027-01-01": datetime(2027, 1, 1),
    "2026-13-01": "not a time",
    "01/11/2026": "not a time",
    "2026-11-01 10:00:00.0000001": "finer than a microsecond",
}


@dataclass
class Judged:
    """One file: its rows, those loaded, and every reject as (line, column, reason)."""

    rows: int = 0
    loaded: list[Row] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    cleared: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def rejects(self) -> list[tuple[int, str, str]]:
        return sorted(self.refused + self.cleared)

    @property
    def refused_by(self) -> Counter[str]:
        return Counter(reason for _, _, reason in self.refused)


def judge_users(text: str, delimiter: str) -> Judged:
    judged, rows = split(text, delimiter)
    seen: set[str] = set()
    for line, cells in rows:
        if not cells["user_id"]:
            judged.refused.append((line, "user_id", "missing user_id"))
        elif cells["user_id"] in seen:
            judged.refused.append((line, "user_id", "duplicate user_id, the first is kept"))
        else:
            seen.add(cells["user_id"])
            judged.loaded.append((line, cells))
    for column, known, fit in (("age", AGES, "not between 0 and 130"), ("joined", DATES, "")):
        values = [cells[column] for _, cells in rows if cells[column] not in ("", "NaN")]
        fitting = sum(known[value] in ("", fit) for value in values)
        if values and fitting / len(values) >= 0.95:
            judged.cleared += [
                (line, column, known[cells[column]])
                for line, cells in judged.loaded
                if known.get(cells[column])
            ]
    return judged


def judge_events(text: str, delimiter: str, users: Judged, now: datetime) -> Judged:
    judged, rows = split(text, delimiter)
    ids = {cells["user_id"] for _, cells in users.loaded}
    for line, cells in rows:
        column, reason = fault(cells, ids, now)
        if reason:
            judged.refused.append((line, column, reason))
        else:
            judged.loaded.append((line, cells))
    return judged


def fault(cells: dict[str, str], ids: set[str], now: datetime) -> tuple[str, str]:
    for column in ("user_id", "event_name", "timestamp"):
        if not cells[column]:
            return column, f"missing {column}"
    time = TIMES[cells["timestamp"]]
    if isinstance(time, str):
        return "timestamp", time
    if time > now + timedelta(days=1):
        return "timestamp", "in the future"
    return ("user_id", "no such user") if cells["user_id"] not in ids else ("", "")


def split(text: str, delimiter: str) -> tuple[Judged, list[Row]]:
    """The rows that have as many cells as the header; the others are refused."""
    judged, rows = Judged(), []
    lines = records(text, delimiter)
    _, header = next(lines)
    names = [unicodedata.normalize("NFC", name.strip()) for name in header]
    for line, cells in lines:
        judged.rows += 1
        if len(cells) != len(names):
            many = "many" if len(cells) > len(names) else "few"
            judged.refused.append((line, "", f"too {many} fields"))
        else:
            cleaned = [unicodedata.normalize("NFC", cell.strip()) for cell in cells]
            rows.append((line, dict(zip(names, cleaned, strict=True))))
    return judged, rows


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if cells:
            yield line, cells
        line = reader.line_num + 1
