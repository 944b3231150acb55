"""About how many events a CTE groups by user: few are grouped best in another way than many."""

from datetime import datetime

from duckmart.catalog import Catalog
from duckmart.compile.plan import Cte, EventCte
from duckmart.spec.segment import ANY_EVENT
from duckmart.spec.spans import Span


def groups_few(cte: Cte, catalog: Catalog) -> bool:
    """Whether a CTE groups fewer events than there are users, as far as the catalog tells.

    Only CTEs of events group by user alone; what is so of the others makes no difference.
    """
    return not isinstance(cte, EventCte) or _events(cte, catalog) < catalog.users


def _events(cte: EventCte, catalog: Catalog) -> float:
    return events_of(cte.events.names, catalog) * _share(
        cte.events.span, catalog.oldest_event, catalog.newest_event
    )


def events_of(names: tuple[str, ...], catalog: Catalog) -> int:
    """How many events have one of these names."""
    return catalog.event_total if ANY_EVENT in names else sum(catalog.events.get(name, 0) for name in names)


def _share(span: Span, oldest: datetime | None, newest: datetime | None) -> float:
    """The part of all events that are in a span, if they are spread evenly."""
    if oldest is None or newest is None or oldest == newest:
        return 1.0
    start = max(oldest, span.after or oldest, span.since or oldest)
    return max(0.0, (min(newest, span.until) - start) / (newest - oldest))
