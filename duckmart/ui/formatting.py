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


def share(part: float) -> str:
    """A share to a tenth of a percent; rounding never makes somebody nobody, nor almost everyone all."""
    if 0 < part < 0.001:
        return "< 0.1%"
    return "> 99.9%" if 0.999 < part < 1 else f"{part:.1%}"


def figure(number: float, digits: int) -> float:
    """A number of a table, rounded; in full where rounding would make it nothing, or all."""
    approximate = round(number, digits)
    return number if approximate in (0, 1, 100) else approximate


def short_share(part: float) -> str:
    """A share in whole percent where that says enough."""
    return share(part) if 0 < part < 0.1 or 0.99 < part < 1 else f"{part:.0%}"


def moment(when: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{when:%d %b %Y, %H:%M} UTC"
