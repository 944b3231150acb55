"""Why users are in a segment or not: whether each condition held, on which value, and what would change that.

`query` asks for a row per user, `read` makes an `Explanation` of each.
"""

from duckmart.insight.explain.choice import UserEvent
from duckmart.insight.explain.columns import query
from duckmart.insight.explain.reading import can_be_asked, read, user_ids
from duckmart.insight.explain.reasons import Change, Explanation, Reason

__all__ = ["Change", "Explanation", "Reason", "UserEvent", "can_be_asked", "query", "read", "user_ids"]
