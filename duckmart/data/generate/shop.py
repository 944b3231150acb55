"""What the fictional shop and its users are like: places, plans, prices, the story of a visit."""

from typing import NamedTuple

import numpy as np

# Residents in thousands.
STATES = {
    "Alabama": 5108, "Alaska": 733, "Arizona": 7431, "Arkansas": 3068, "California": 38965, "Colorado": 5878,
    "Connecticut": 3617, "Delaware": 1032, "District of Columbia": 679, "Florida": 22611, "Georgia": 11029,
    "Hawaii": 1435, "Idaho": 1965, "Illinois": 12550, "Indiana": 6862, "Iowa": 3207, "Kansas": 2941,
    "Kentucky": 4526, "Louisiana": 4574, "Maine": 1396, "Maryland": 6180, "Massachusetts": 7001,
    "Michigan": 10037, "Minnesota": 5738, "Mississippi": 2940, "Missouri": 6196, "Montana": 1133,
    "Nebraska": 1978, "Nevada": 3194, "New Hampshire": 1402, "New Jersey": 9291, "New Mexico": 2114,
    "New York": 19571, "North Carolina": 10835, "North Dakota": 784, "Ohio": 11786, "Oklahoma": 4054,
    "Oregon": 4233, "Pennsylvania": 12962, "Rhode Island": 1096, "South Carolina": 5374, "South Dakota": 919,
    "Tennessee": 7126, "Texas": 30503, "Utah": 3418, "Vermont": 647, "Virginia": 8716, "Washington": 7813,
    "West Virginia": 1770, "Wisconsin": 5911, "Wyoming": 584,
}  # fmt: skip
GENDERS = {"Female": 50, "Male": 47, "Non-binary": 3}
PLANS = ("free", "basic", "premium", "enterprise")
DEVICES = ("mobile", "desktop", "tablet")


class Band(NamedTuple):
    """Users aged `start` up to the next band: their share, and how they spread over PLANS and DEVICES."""

    start: int
    share: int
    plans: tuple[int, int, int, int]
    devices: tuple[int, int, int]


BANDS = (
    Band(18, 15, (70, 19, 9, 2), (80, 15, 5)),
    Band(25, 22, (54, 25, 17, 4), (68, 26, 6)),
    Band(35, 21, (47, 27, 19, 7), (57, 34, 9)),
    Band(45, 18, (48, 27, 18, 7), (47, 41, 12)),
    Band(55, 16, (55, 27, 14, 4), (38, 46, 16)),
    Band(65, 8, (65, 24, 10, 1), (30, 48, 22)),
)
OLDEST = 69

# Of 100 visits on a plan, how many end at a look around, a product, a cart, a checkout, a purchase ...
PLAN_DEPTHS = ((36, 34, 18, 5, 7), (32, 33, 18, 6, 11), (27, 29, 17, 7, 20), (26, 28, 16, 8, 22))
# ... and how a device bends that.
DEVICE_DEPTHS = ((1.1, 1.0, 1.1, 1.1, 0.8), (0.8, 1.0, 0.9, 0.9, 1.4), (1.0, 1.1, 1.0, 1.0, 1.0))
DEPTHS = np.array([np.multiply(plan, device) for plan in PLAN_DEPTHS for device in DEVICE_DEPTHS])
PRODUCT, CART, CHECKOUT, PURCHASE = range(1, 5)

PLAN_ACTIVITY = np.array([0.7, 1.0, 1.6, 2.0])
MONTH_SIGNUPS = np.array([1.0, 0.9, 0.95, 1.0, 1.0, 0.9, 0.85, 0.95, 1.0, 1.1, 1.5, 1.4])  # from January
WEEKDAY_VISITS = (1.0, 0.95, 0.95, 1.0, 1.05, 1.35, 1.4)  # from Monday
HOUR_VISITS = (
    (2, 1, 1, 1, 1, 2, 4, 6, 6, 5, 5, 6, 8, 7, 5, 5, 6, 8, 10, 13, 14, 13, 9, 5),  # on a working day
    (4, 3, 2, 1, 1, 1, 2, 4, 6, 9, 11, 11, 11, 11, 11, 11, 10, 9, 9, 10, 11, 10, 8, 6),  # at the weekend
)


class StoryStep(NamedTuple):
    """One kind of event in the story of a visit."""

    event: str
    depths: range  # the visits that can come by here
    chance: float  # that such a visit does
    repeats: float  # mean times, when it does
    seconds: float  # mean time since the step before
    wait: tuple[float, float] = (0, 1)  # the chance of a pause for some days, and the mean of those days


ALL = range(PURCHASE + 1)
STORY = (
    StoryStep("LOGIN", ALL, 0.6, 1, 10),
    StoryStep("PAGE_VIEW", ALL, 1, 1.3, 25),
    StoryStep("SEARCH", ALL, 0.35, 1.2, 20),
    StoryStep("PRODUCT_VIEWED", ALL[PRODUCT:], 1, 1.5, 45),
    StoryStep("ADDED_TO_CART", ALL[CART:], 1, 1.3, 60),
    StoryStep("REMOVED_FROM_CART", ALL[CART:CHECKOUT], 0.2, 1, 50),
    StoryStep("CHECKOUT_STARTED", ALL[CHECKOUT:], 1, 1, 90, wait=(0.12, 2)),
    StoryStep("PURCHASE_MADE", ALL[PURCHASE:], 1, 1, 120),
    StoryStep("REVIEW_POSTED", ALL[PURCHASE:], 0.18, 1, 80, wait=(1, 7)),
)
EVENTS = (*(step.event for step in STORY), "SUBSCRIPTION_CANCELLED")
CODE = {event: code for code, event in enumerate(EVENTS)}
SECONDS, WAIT_CHANCE, WAIT_DAYS = np.array([(step.seconds, *step.wait) for step in STORY]).T
CATEGORISED = range(CODE["PRODUCT_VIEWED"], len(STORY))
PRICED = [CODE[event] for event in ("ADDED_TO_CART", "CHECKOUT_STARTED", "PURCHASE_MADE")]
EVENTS_PER_VISIT = 3  # a little below the mean

# Each category: its share of visits, the median price of an item in dollars, how far prices spread (sigma).
CATEGORIES = {
    "Electronics": (19, 120.0, 0.9),
    "Fashion": (21, 45.0, 0.6),
    "Home & Garden": (15, 55.0, 0.8),
    "Beauty": (12, 24.0, 0.5),
    "Sports": (9, 48.0, 0.7),
    "Books": (9, 15.0, 0.4),
    "Toys": (7, 25.0, 0.5),
    "Grocery": (8, 12.0, 0.5),
}
SHARES, MEDIANS, SPREADS = np.array(list(CATEGORIES.values())).T
