"""The command that explains: text for people, JSON for programs."""

import json

from duckmart.mart import Mart
from tests.cli.conftest import Door

SPEC = {
    "user_filters": [{"field": "age", "operator": "gte", "value": 40}],
    "groups": [
        {
            "event_filters": [
                {"event_name": "LOGIN", "operator": "gte", "count": 1},
                {"event_name": "LOGIN", "operator": "eq", "count": 500},
            ],
            "logic_operator": "OR",
        }
    ],
}


def test_each_condition_is_a_line_below_its_user(door: Door, demo_mart: Mart):
    explained = demo_mart.explain(demo_mart.accept(SPEC)[0], range(1, 50))
    outside = next(one for one in explained if not one.conditions[0].held)
    inside = next(one for one in explained if one.member and one.conditions[2].events)

    done = door("explain", "-", outside.user_id, inside.user_id, given=SPEC)

    assert done.exit_code == 0
    age, event = outside.conditions[0].value, inside.conditions[2].events[0]
    lines = done.stdout.splitlines()
    assert lines[0] == f"{outside.user_id} is not a member"
    assert lines[1] == f"  no   age is at least 40: age is {age}, holds with at least {age}"
    assert f"{inside.user_id} is a member" in lines
    assert any(line.startswith("    yes  LOGIN at least once: ") for line in lines)
    assert f"         {event.time.isoformat()}Z LOGIN" in lines
    assert done.stderr == f"as of {demo_mart.as_of(demo_mart.accept(SPEC)[0]).isoformat()}Z\n"


def test_json_has_every_condition_by_its_path(door: Door, demo_mart: Mart):
    done = door("explain", "-", 1, "nobody", "--json", given=SPEC)

    answer = json.loads(done.stdout)
    assert [one["user_id"] for one in answer["users"]] == [1, "nobody"]
    paths = ["user_filters.0", "groups.0", "groups.0.event_filters.0", "groups.0.event_filters.1"]
    assert [reason["path"] for reason in answer["users"][0]["conditions"]] == paths
    assert answer["users"][1] == {"user_id": "nobody", "known": False}


def test_unknown_users_and_those_a_sample_leaves_out_are_told_as_such(door: Door):
    done = door("explain", "-", 1, "nobody", given={"sample": {"percent": 0.0000001, "seed": "x"}})

    assert done.stdout == "1 is not a member: the sample leaves it out\nnobody is not in the data\n"


def test_a_member_of_a_split_is_told_its_variant(door: Door):
    done = door("explain", "-", 1, given={"sample": {"split": {"all": 100}, "seed": "x"}})

    assert done.stdout == "1 is a member, in the variant all\n"


def test_a_spec_that_cannot_run_ends_with_2(door: Door):
    assert door("explain", "-", 1, given={"limit": 0}).exit_code == 2
    assert door("explain", "-", given={}).exit_code == 2
