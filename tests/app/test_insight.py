"""The tabs below the rows: who the members are, how conditions overlap, and conditions added from there."""

from itertools import pairwise
from math import exp, log, sqrt
from typing import Any

import pandas as pd
import pytest
import simplejson

from duckmart.edit import Draft, GroupRow, built
from duckmart.mart import Mart
from duckmart.ui import people
from tests.app.page import Page, size

PLANS = {"field": "subscription_plan", "operator": "in", "value": ["premium", "enterprise"]}
ADULTS = {"field": "age", "operator": "gte", "value": 40}
BUYERS = {"event_name": "PURCHASE_MADE", "operator": "gte", "count": 1}
APART = "Table of What sets them apart"


@pytest.fixture
def buyers(events: pd.DataFrame) -> set[int]:
    return set(events.loc[events["event_name"] == "PURCHASE_MADE", "user_id"])


def table_with(page: Page, *columns: str) -> pd.DataFrame:
    [found] = [table.value for table in page.app.dataframe if {*columns} <= {*table.value.columns}]
    return pd.DataFrame(found)


def charts(page: Page) -> list[dict[str, Any]]:
    return [simplejson.loads(chart.proto.spec) for chart in page.app.get("plotly_chart")]


def select(page: Page, table: str, row: int) -> Page:
    page.app.session_state[table] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return page.run()


# Who they are


def test_what_sets_members_apart_is_as_a_plain_recount_and_katz_say(
    page: Page, users: pd.DataFrame, buyers: set[int]
) -> None:
    page.paste({"user_filters": [PLANS], "event_filters": [BUYERS]}).press(APART)
    shown = table_with(page, "Attribute", "Index")

    assert len(shown) > 3
    assert "subscription_plan" not in set(shown["Attribute"])
    is_member = users["subscription_plan"].isin(PLANS["value"]) & users["user_id"].isin(buyers)
    n, r = is_member.sum(), (~is_member).sum()
    compared = 0
    for row in shown[shown["Attribute"].isin(["device_type", "gender", "location"])].to_dict("records"):
        has = users[row["Attribute"]] == row["Value"]
        a, c = (has & is_member).sum(), (has & ~is_member).sum()
        ratio, error = (a / n) / (c / r), sqrt(1 / a - 1 / n + 1 / c - 1 / r)
        w = n / (n + r)
        low, mid, high = (
            100 * end / (w * end + 1 - w) for end in (ratio * exp(z * error) for z in (-1.96, 0, 1.96))
        )
        assert (row["from"], row["Index"], row["to"]) == (round(low), round(mid), round(high))
        assert (row["Members"], row["Everyone"], row["Too few to tell"]) == (a, a + c, a < 30)
        compared += 1
    assert compared


def test_the_strongest_findings_come_first_and_those_of_few_members_last(page: Page) -> None:
    page.paste({"user_filters": [PLANS], "event_filters": [BUYERS]}).press(APART)
    shown = table_with(page, "Attribute", "Index")
    strengths = [
        abs(log((row["from"] if row["Index"] > 100 else row["to"]) / 100)) for row in shown.to_dict("records")
    ]
    few = list(shown["Too few to tell"])

    assert few == sorted(few)
    told = [strength for strength, is_few in zip(strengths, few, strict=True) if not is_few]
    # The table's ends are rounded, so neighbours may look swapped by a hair.
    assert all(before >= after - 0.02 for before, after in pairwise(told))


def test_a_finding_is_added_as_a_condition_from_the_table(page: Page, demo_mart: Mart) -> None:
    page.paste({"user_filters": [PLANS], "event_filters": [BUYERS]}).press(APART)
    assert page.find("Add as condition").disabled
    shown = table_with(page, "Attribute", "Index")
    [row] = shown.index[(shown["Attribute"] == "device_type") & (shown["Value"] == "desktop")]

    select(page, "table-apart", int(row)).press("Add as condition")

    desktop = {"field": "device_type", "operator": "in", "value": ["desktop"]}
    assert page.spec == {"user_filters": [PLANS, desktop], "event_filters": [BUYERS]}
    assert page.count == size(demo_mart, page.spec) == shown["Members"][row]
    assert r"Added **device type\: desktop**" in [toast.value for toast in page.app.toast]
    page.press("Undo")
    assert page.spec == {"user_filters": [PLANS], "event_filters": [BUYERS]}


def test_a_condition_added_to_an_any_is_said_to_be_another_or(page: Page, users: pd.DataFrame) -> None:
    page.paste({"user_filters": [PLANS], "logic_operator": "OR"}).press("Table of Gender")
    shown = table_with(page, "Value", "Index")
    [row] = shown.index[shown["Value"] == "Female"]

    select(page, "table-people-gender", int(row)).press("Add as condition")

    assert (
        page.count == (users["subscription_plan"].isin(PLANS["value"]) | (users["gender"] == "Female")).sum()
    )
    assert any("as another “or”" in toast.value for toast in page.app.toast)


def test_every_bar_adds_conditions_for_exactly_its_users(demo_mart: Mart) -> None:
    everyone, _ = demo_mart.accept({})
    for chart in demo_mart.breakdowns(everyone):
        for bar in (*chart.bars[:4], *chart.bars[-3:]):
            spec = {"user_filters": [dict(said) for said in people.conditions(chart, bar)]}
            assert size(demo_mart, spec) == bar.everyone, (chart.attribute.name, bar)


def test_two_conditions_of_one_bar_stay_together_in_an_any() -> None:
    both = [{"field": "spent", "operator": operator, "value": 5} for operator in ("gte", "lt")]
    any_of = Draft(GroupRow("root", logic_operator="OR"))

    assert built(people.added(any_of, both)).spec == {
        "groups": [{"user_filters": both}],
        "logic_operator": "OR",
    }
    assert built(people.added(Draft(), both)).spec == {"user_filters": both}


def test_nobody_and_everyone_are_said_to_have_nothing_to_set_them_apart(page: Page) -> None:
    assert "Everyone matches, so nothing can set them apart" in page.words
    page.paste({"user_filters": [{"field": "age", "operator": "gt", "value": 200}]})
    assert "nobody to chart" in page.words
    page.open_tab("How conditions overlap")
    assert "Add a second condition" in page.words


# How conditions overlap


def test_only_the_open_tab_is_drawn(page: Page) -> None:
    page.paste({"user_filters": [PLANS, ADULTS]})
    assert page.has(APART)
    page.open_tab("How conditions overlap")
    assert not page.has(APART)
    assert page.has("Table of Which conditions hold together")


def test_combinations_and_near_misses_are_as_a_plain_recount(
    page: Page, users: pd.DataFrame, buyers: set[int]
) -> None:
    page.paste({"user_filters": [PLANS, ADULTS], "event_filters": [BUYERS]}).open_tab(
        "How conditions overlap"
    )
    plans, adults = users["subscription_plan"].isin(PLANS["value"]), users["age"] >= 40
    bought = users["user_id"].isin(buyers)
    counted = pd.Series(zip(plans, adults, bought, strict=True)).value_counts()
    [bars] = [chart["data"][0] for chart in charts(page) if "yaxis2" in chart["layout"]]

    assert [int(text.replace(",", "")) for text in bars["text"]] == sorted(counted, reverse=True)
    page.press("Table of Which conditions hold together", "Table of Who nearly made it")
    shown = table_with(page, "In the segment")
    for row in shown.itertuples(index=False):
        users_with, is_in, *flags = row
        assert users_with == counted[tuple(flags)]
        assert is_in == all(flags)
    near = table_with(page, "Users who fail only this")
    missed = [
        (~plans & adults & bought).sum(),
        (plans & ~adults & bought).sum(),
        (plans & adults & ~bought).sum(),
    ]
    assert list(near["Users who fail only this"]) == sorted(missed, reverse=True)
    assert list(near["Would add"]) == list(near["Users who fail only this"])
    assert list(near["Size without it"] - near["Would add"]) == [page.count] * 3


def test_the_bottleneck_and_what_changes_nothing_are_said(
    page: Page, users: pd.DataFrame, buyers: set[int]
) -> None:
    anyone = {"field": "user_id", "operator": "is_not_null"}
    page.paste({"user_filters": [anyone, PLANS], "event_filters": [BUYERS]})
    more = int(users["subscription_plan"].isin(PLANS["value"]).sum()) - page.count

    assert rf"Bottleneck: **PURCHASE\_MADE at least once**: without it {more:,} more users" in page.words
    assert "Changes nothing, left out: **user id" in page.words
