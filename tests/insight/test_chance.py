"""Random samples of the demo data hardly ever show a finding, and planted effects are found."""

import numpy as np
import pytest

from duckmart.insight.activity import AudienceSize
from duckmart.insight.findings import findings
from duckmart.mart import Mart

SIZES = (30, 200, 1_000, 5_000)


def share_with_findings(mart: Mart, members: int, samples: int) -> float:
    """Of random samples of the users, the share of those that show any finding at all."""
    random = np.random.default_rng(members)
    ids = np.array(mart.audience(mart.accept({})[0]).ids.to_pylist())
    shown = 0
    for _ in range(samples):
        sample = [int(user) for user in random.choice(ids, members, replace=False)]
        spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": sample}]}
        shown += bool(findings(mart.breakdowns(mart.accept(spec)[0])))
    return shown / samples


@pytest.mark.parametrize("members", SIZES)
def test_a_random_sample_hardly_ever_shows_a_finding(demo_mart: Mart, members: int) -> None:
    assert share_with_findings(demo_mart, members, 25) <= 0.08


def share_with_habits(mart: Mart, members: int, samples: int) -> float:
    """Of random samples of the users, the share of those that an event sets apart."""
    random = np.random.default_rng(members)
    ids = np.array(mart.audience(mart.accept({})[0]).ids.to_pylist())
    count = 0
    for _ in range(samples):
        sample = [int(user) for user in random.choice(ids, members, replace=False)]
        spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": sample}]}
        habits = mart.habits(mart.accept(spec)[0], AudienceSize(members, len(ids)))
        count += any(habit.is_finding for habit in habits)
    return count / samples


@pytest.mark.parametrize("members", SIZES)
def test_hardly_any_random_sample_shows_an_event_that_sets_it_apart(demo_mart: Mart, members: int) -> None:
    assert share_with_habits(demo_mart, members, 25) <= 0.08


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("members", SIZES)
def test_of_400_random_samples_at_most_8_percent_show_an_event(demo_mart: Mart, members: int) -> None:
    assert share_with_habits(demo_mart, members, 400) <= 0.08


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("members", SIZES)
def test_of_400_random_samples_at_most_8_percent_show_a_finding(demo_mart: Mart, members: int) -> None:
    assert share_with_findings(demo_mart, members, 400) <= 0.08


@pytest.mark.parametrize(
    ("attribute", "value", "members", "times"),
    [
        ("subscription_plan", "enterprise", 200, 4),
        ("device_type", "tablet", 1_000, 2),
        ("device_type", "tablet", 5_000, 1.6),
        ("location", "Texas", 1_000, 3),
        ("gender", "Female", 5_000, 0.7),
        ("subscription_plan", "basic", 1_000, 0),
    ],
)
def test_a_planted_effect_is_found_and_hardly_anything_else(
    demo_mart: Mart, attribute: str, value: str, members: int, times: float
) -> None:
    random = np.random.default_rng(11)
    table = demo_mart.table(demo_mart.accept({})[0], [attribute])
    ids, has = np.array(table.column(0).to_pylist()), np.array(table.column(1).to_pylist()) == value
    weights = np.where(has, times, 1.0)
    sample = random.choice(ids, members, replace=False, p=weights / weights.sum())
    spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": [int(user) for user in sample]}]}

    found = findings(demo_mart.breakdowns(demo_mart.accept(spec)[0]))

    assert (found[0].chart.attribute.name, found[0].bar.value) == (attribute, value)
    # Where one value is more common, the others of its attribute are less so: that is true as well.
    assert len([one for one in found if one.chart.attribute.name != attribute]) <= 1
