"""A question as one SQL query, with its conditions in place, to be asked where nothing is kept."""

from duckmart.compile import Question
from duckmart.compile.query import Query


def whole(question: Question) -> Query:
    return question.as_one()
