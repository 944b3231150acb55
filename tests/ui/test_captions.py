"""Names in menus with their counts: what a box may cut is never the number."""

from typing import Any

import pytest

from duckmart.ui.widgets.captions import captions

LONG = "SUBSCRIPTION_RENEWAL_FAILED"
# Fifteen letters, each as broad as two.
BROAD = "購入が完了しました・確認済み。"


@pytest.mark.parametrize(
    ("counts", "name", "caption"),
    [
        ({"LOGIN": 7_204}, "LOGIN", "LOGIN · 7.2k"),
        ({"LOGIN": 7_204, LONG: 2_100}, "LOGIN", "LOGIN · 7.2k"),
        ({"COUPON_REDEEMED": 2_100}, "COUPON_REDEEMED", "2.1k · COUPON_REDEEMED"),
        ({LONG: 2_100}, LONG, f"2.1k · {LONG}"),
        ({BROAD: 12}, BROAD, f"12 · {BROAD}"),
        ({True: 3, False: 5}, True, "yes · 3"),
        ({1: 3}, 1, "1 · 3"),
        ({"LOGIN": 7_204}, "VISIT", "VISIT"),
    ],
)
def test_a_count_stands_where_a_box_does_not_cut_it(counts: dict[Any, int], name: Any, caption: str):
    assert captions(counts, 178)(name) == caption


def test_names_that_the_data_does_not_have_are_counted_where_asked_for():
    counted = captions({"LOGIN": 7_204}, 178, absent=0)
    assert counted("VISIT") == "VISIT · 0"
    assert counted(LONG) == f"0 · {LONG}"
    assert counted("LOGIN") == "LOGIN · 7.2k"
