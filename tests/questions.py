"""A question as one SQL query, with its conditions in place, to be asked where nothing is kept."""

from duckmart.compile import CONDITIONS, Question
from duckmart.compile.query import Query


def whole(question: Question) -> Query:
    conditions = question.conditions.query(question.conditions.columns)
    return Query(question.query.tree.with_(CONDITIONS, as_=conditions.tree))
