"""Names and values from the data as text: neither Markdown nor a chart may read them as markup."""

from html import escape


def markdown(text: str) -> str:
    marks = r"\`*_{}[]()#+-.!|$~:"
    return "".join(f"\\{letter}" if letter in marks else letter for letter in escape(text, quote=False))


def chart(text: str) -> str:
    """Plotly takes tags such as <b> and <a> out of labels."""
    return escape(text, quote=False)
