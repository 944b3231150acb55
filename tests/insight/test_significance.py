"""Exact p-values and the control of false discoveries, against whole-number arithmetic and by hand."""

from fractions import Fraction
from math import comb, exp, lgamma

import numpy as np
import pytest

from duckmart.insight.significance import adjusted, p_values


def exact(having: int, members: int, everyone_having: int, everyone: int) -> float:
    """Twice the smaller tail of the hypergeometric distribution, in whole numbers."""

    def draws(of_members: int) -> int:
        return comb(everyone_having, of_members) * comb(everyone - everyone_having, members - of_members)

    lower = sum(map(draws, range(having + 1)))
    upper = sum(map(draws, range(having, members + 1)))
    return float(min(Fraction(2 * min(lower, upper), comb(everyone, members)), Fraction(1)))


def test_p_values_are_those_of_whole_number_arithmetic() -> None:
    random = np.random.default_rng(3)
    everyone = random.integers(1, 400, 300)
    members, everyone_having = random.integers(0, everyone + 1), random.integers(0, everyone + 1)
    having = random.hypergeometric(everyone_having, everyone - everyone_having, members)

    computed = p_values(having, members, everyone_having, everyone)

    rows = zip(having.tolist(), members.tolist(), everyone_having.tolist(), everyone.tolist(), strict=True)
    assert computed == pytest.approx([exact(*row) for row in rows], rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        # Nobody of 20, where of 40 users every second one has it: 2 * (20! 20!) / 40!
        ((0, 20, 20, 40), 2 / comb(40, 20)),
        ((20, 20, 20, 40), 2 / comb(40, 20)),
        # Fisher's tea tasting: three of four cups; the upper tail is 17 / 70.
        ((3, 4, 4, 8), 2 * 17 / 70),
    ],
)
def test_p_values_by_hand(counts: tuple[int, int, int, int], p: float) -> None:
    assert p_values(*([count] for count in counts)) == pytest.approx([p])


@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 0), (0, 0, 5, 10), (0, 5, 0, 10), (5, 5, 10, 10), (4, 10, 4, 10), (2, 4, 4, 8)]
)
def test_where_nothing_can_differ_p_is_one(counts: tuple[int, int, int, int]) -> None:
    assert p_values(*([count] for count in counts)) == pytest.approx([1.0])


def test_nothing_to_test_has_no_p_values() -> None:
    assert p_values([], [], [], []).tolist() == adjusted([]).tolist() == []


@pytest.mark.parametrize("beyond", [-4000, -1500, -300, 300, 1500, 4000])
def test_p_values_are_exact_for_millions_of_users(beyond: int) -> None:
    everyone, everyone_having, members = 30_000_000, 9_000_000, 4_000_000
    having = everyone_having * members // everyone + beyond
    # The tail from there outwards by the ratio of neighbours, down from the logarithm of its first term.
    term = exp(
        chosen(everyone_having, having)
        + chosen(everyone - everyone_having, members - having)
        - chosen(everyone, members)
    )
    tail, outwards, at = 0.0, 1 if beyond > 0 else -1, having
    while term > tail * 1e-17:
        tail += term
        gone = everyone - everyone_having - members
        up = (everyone_having - at) * (members - at) / ((at + 1) * (gone + at + 1))
        down = at * (gone + at) / ((everyone_having - at + 1) * (members - at + 1))
        term *= up if outwards > 0 else down
        at += outwards

    [p] = p_values([having], [members], [everyone_having], [everyone])

    assert p == pytest.approx(min(2 * tail, 1), rel=1e-5)


def chosen(of: int, number: int) -> float:
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)


def test_members_and_the_rest_differ_as_surely_as_the_rest_and_members() -> None:
    assert p_values([60], [200], [160], [1000]) == pytest.approx(p_values([100], [800], [160], [1000]))
    assert p_values([60], [200], [160], [1000]) == pytest.approx(p_values([140], [200], [840], [1000]))


def test_p_values_are_adjusted_as_benjamini_and_hochberg_do() -> None:
    # By rank: 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.5 * 4 / 4, each at most that of the next.
    assert adjusted([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    # The 15 tests of their paper's section 3.2: four are discoveries at 5 %.
    paper = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    paper += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert (adjusted(paper) <= 0.05).tolist() == [True] * 4 + [False] * 11
