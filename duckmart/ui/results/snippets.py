"""A segment's JSON as commands that ask for its members: for a shell, for Python, for Python on the server.

The JSON stands in them as it is: in a here-document that the shell does not read, in a raw string of Python,
which JSON cannot end, because it escapes its quotes.
"""

from shlex import quote

ROUTE = "/segment"


def curl(spec: str, server: str) -> str:
    """For a POSIX shell; a spec may be longer than a shell's longest argument."""
    return f"""\
curl --silent --show-error --fail-with-body \\
  --header 'Content-Type: application/json' \\
  --data-binary @- {quote(server + ROUTE)} <<'JSON'
{_printable(spec)}
JSON
"""


def python(spec: str, server: str) -> str:
    """With nothing but the standard library."""
    return f"""\
import json
from urllib.request import Request, urlopen

SPEC = r\"\"\"
{_printable(spec)}
\"\"\"

request = Request({server + ROUTE!r}, SPEC.encode(), {{"Content-Type": "application/json"}})
with urlopen(request) as response:
    answer = json.load(response)

print(answer["total_count"], "users as of", answer["as_of"])
print(*answer["user_ids"], sep="\\n")
"""


def duckmart(spec: str) -> str:
    """With this package, on the machine that holds the data: every member, however many."""
    return f"""\
from duckmart.mart import current
from duckmart.settings import settings

SPEC = r\"\"\"
{_printable(spec)}
\"\"\"

mart = current(settings())
segment, warnings = mart.read(SPEC)
audience = mart.audience(segment)

print(audience.total, "users as of", audience.as_of)
print(*audience.ids.to_pylist(), sep="\\n")
"""


def _printable(spec: str) -> str:
    """JSON of which a terminal shows every letter; nothing else does anything when it is pasted."""
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in spec)


def _escaped(letter: str) -> str:
    """As JSON escapes it, beyond 16 bits in two parts."""
    units = letter.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
