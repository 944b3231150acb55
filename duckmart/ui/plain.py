"""What the data holds as text: names that nothing reads as markup, counts in short, moments."""

from datetime import datetime
from html import escape


def markdown(text: str) -> str:
    marks = r"\`*_{}[]()#+-.!|$~:"
    return "".join(f"\\{letter}" if letter in marks else letter for letter in escape(text, quote=False))


def chart(text: str) -> str:
    """Plotly takes tags such as <b> and <a> out of labels."""
    return escape(text, quote=False)


def short(count: int) -> str:
    """A count where there is little room: 847, 7.2k, 21M."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.{0 if count >= 10 * size else 1}f}{letter}"
    return str(count)


def moment(when: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{when:%d %b %Y, %H:%M} UTC"
