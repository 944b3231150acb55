"""A rounded share tells no lie: somebody is never nobody, and almost everyone is not all."""

import pytest

from duckmart.ui import formatting


@pytest.mark.parametrize(
    ("users", "everyone", "words"),
    [
        (0, 10_000, "0.0%"),
        (1, 10**9, "< 0.1%"),
        (3, 10_000, "< 0.1%"),
        (9, 10_000, "< 0.1%"),
        (10, 10_000, "0.1%"),
        (15, 10_000, "0.1%"),
        (5_000, 10_000, "50.0%"),
        (9_990, 10_000, "99.9%"),
        (9_991, 10_000, "> 99.9%"),
        (9_997, 10_000, "> 99.9%"),
        (10**9 - 1, 10**9, "> 99.9%"),
        (10_000, 10_000, "100.0%"),
    ],
)
def test_a_share_is_rounded_without_a_lie(users: int, everyone: int, words: str):
    assert formatting.share(users / everyone) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (0.0, "0%"),
        (0.0003, "< 0.1%"),
        (0.067, "6.7%"),
        (0.33, "33%"),
        (0.99, "99%"),
        (0.996, "99.6%"),
        (0.9997, "> 99.9%"),
        (1.0, "100%"),
    ],
)
def test_a_short_share_is_rounded_without_a_lie(part: float, words: str):
    assert formatting.short_share(part) == words


@pytest.mark.parametrize(
    ("number", "digits", "figure"),
    [(0.0, 4, 0), (0.00001, 4, 0.00001), (0.12345678, 4, 0.1235), (0.99999, 4, 0.99999), (1.0, 4, 1)],
)
def test_a_figure_of_a_table_is_rounded_without_a_lie(number: float, digits: int, figure: float):
    assert formatting.figure(number, digits) == figure
