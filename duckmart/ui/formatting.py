"""Names, counts, shares and times as text; names are escaped, so that nothing reads them as markup."""

from datetime import datetime
from html import escape


def markdown(text: str) -> str:
    """Text for Streamlit, which would read it as Markdown with its own colors, icons and formulas."""
    marks = r"\`*_{}[]()#+-.!|$~:"
    return "".join(f"\\{letter}" if letter in marks else letter for letter in escape(text, quote=False))


def chart(text: str) -> str:
    """Text for a chart, where Plotly would read tags such as <b> and <a> in it."""
    return escape(text, quote=False)


def short(count: int) -> str:
    """A count where there is little room: 847, 7.2k, 21M."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.{0 if count >= 10 * size else 1}f}{letter}"
    return str(count)


def share(part: float) -> str:
    """A share to a tenth of a percent; it never rounds a few to none, or almost all to all."""
    if 0 < part < 0.001:
        return "< 0.1%"
    return "> 99.9%" if 0.999 < part < 1 else f"{part:.1%}"


def figure(number: float, digits: int) -> float:
    """A number of a table, rounded; in full where it would be rounded to 0, 1 or 100 %."""
    approximate = round(number, digits)
    return number if approximate in (0, 1, 100) else approximate


def short_share(part: float) -> str:
    """A share in whole percent where that says enough."""
    return share(part) if 0 < part < 0.1 or 0.99 < part < 1 else f"{part:.0%}"


def moment(when: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{when:%d %b %Y, %H:%M} UTC"
