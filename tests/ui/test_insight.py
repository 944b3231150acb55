"""The tabs below the rows: who the members are, how conditions overlap, and conditions added from there."""

import shutil
from datetime import datetime
from itertools import pairwise
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import simplejson

from duckmart.library.library import Library
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.draft import Draft, GroupRow
from duckmart.spec.draft_json import build
from duckmart.spec.parser import parse
from duckmart.ui.insight import people
from tests.ui.conftest import Open
from tests.ui.page import Page, size

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

    assert len(shown) > 1
    assert "subscription_plan" not in set(shown["Attribute"])
    is_member = users["subscription_plan"].isin(PLANS["value"]) & users["user_id"].isin(buyers)
    compared = 0
    for row in shown[shown["Attribute"].isin(["device_type", "gender", "location"])].to_dict("records"):
        known = users[row["Attribute"]].notna()
        n, r = (known & is_member).sum(), (known & ~is_member).sum()
        has = users[row["Attribute"]] == row["Value"]
        a, c = (has & is_member).sum(), (has & ~is_member).sum()
        ratio, error = (a / n) / (c / r), sqrt(1 / a - 1 / n + 1 / c - 1 / r)
        ends = [ratio * exp(z * error) for z in (-1.96, 0, 1.96)]
        w = n / (n + r)
        indices = [round(100 * end / (w * end + 1 - w)) for end in ends]
        assert [row["at least"], row["Times everyone else"], row["at most"]] == pytest.approx(ends, abs=0.001)
        assert [row["from"], row["Index"], row["to"]] == indices
        assert (row["Members"], row["Everyone else"], row["Everyone"]) == (a, c, a + c)
        assert row["Expected members"] == pytest.approx(n * (a + c) / (n + r), abs=0.051)
        assert (row["Members %"], row["Everyone else %"]) == pytest.approx(
            (100 * a / n, 100 * c / r), abs=0.006
        )
        assert row["p"] <= 0.05
        compared += 1
    assert compared


def test_the_strongest_findings_come_first(page: Page) -> None:
    page.paste({"user_filters": [PLANS], "event_filters": [BUYERS]}).press(APART)
    shown = table_with(page, "Attribute", "Index").to_dict("records")
    strengths = [abs(log(row["at least"] if row["Index"] > 100 else row["at most"])) for row in shown]

    # The table's ends are rounded, so neighbours may look swapped by a hair.
    assert all(before >= after - 0.02 for before, after in pairwise(strengths))


@pytest.mark.parametrize("members", [40, 900])
def test_that_nothing_sets_a_random_sample_apart_is_said_in_words(page: Page, members: int) -> None:
    # Every so-manieth of the users, who come in no order.
    ids = list(range(1, 10_000, 10_000 // members))[:members]
    page.paste({"user_filters": [{"field": "user_id", "operator": "in", "value": ids}]})

    assert "Nothing sets them apart" in page.words
    assert not page.has(APART)
    # Of 40, four values of a plan leave ten each: that they are alike is more than anybody can tell.
    said = "Too few to tell the members from everyone else" if members == 40 else "Much like everyone else"
    assert said in page.words


def test_attributes_that_the_segment_or_a_saved_one_in_it_asks_for_are_named_and_no_findings(
    open_page: Open, demo: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(demo, tmp_path / "data"))
    library = Library(folder / "library.sqlite")
    premium = {"segment_filters": [{"segment": "inner", "operator": "in"}]}
    for name, spec in (("inner", {"user_filters": [PLANS]}), ("outer", premium)):
        library.save(name, parse(spec, Settings()), now=datetime(2026, 11, 22))
    new = {**BUYERS, "time_range": {"within_days_of": "signup_date", "days": 3}}
    page = open_page(folder)

    page.paste({"segment_filters": [{"segment": "outer", "operator": "in"}], "event_filters": [new]})

    assert "asks about them: `signup_date`, `subscription_plan`" in page.words
    if page.has(APART):
        names = set(table_with(page.press(APART), "Attribute", "Index")["Attribute"])
        assert names.isdisjoint({"signup_date", "subscription_plan"})


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

    assert build(people.with_conditions(any_of, both)).spec == {
        "groups": [{"user_filters": both}],
        "logic_operator": "OR",
    }
    assert build(people.with_conditions(Draft(), both)).spec == {"user_filters": both}


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
    [numbers] = [chart["layout"]["annotations"] for chart in charts(page) if "yaxis2" in chart["layout"]]

    assert [int(number["text"].replace(",", "")) for number in numbers] == sorted(counted, reverse=True)
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
