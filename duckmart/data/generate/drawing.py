"""Users and events drawn at random: users at once, events for a range of users at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from faker import Faker

from duckmart.data.generate.shop import (
    BANDS,
    CATEGORIES,
    CATEGORISED,
    CODE,
    DEPTHS,
    DEVICES,
    EVENTS,
    EVENTS_PER_VISIT,
    GENDERS,
    HOUR_VISITS,
    MEDIANS,
    MONTH_SIGNUPS,
    OLDEST,
    PLAN_ACTIVITY,
    PLANS,
    PRICED,
    SECONDS,
    SHARES,
    SPREADS,
    STATES,
    STORY,
    WAIT_CHANCE,
    WAIT_DAYS,
    WEEKDAY_VISITS,
    StoryStep,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rng = np.random.Generator

EVENTS_AT_A_TIME = 1_000_000
NAMES_PER_POOL = 500
SIGNUP_DAYS = 3 * 365
DAY = 86_400
LONGEST_VISIT = 6 * 3_600

WORDS = pa.dictionary(pa.int8(), pa.string())
USERS_SCHEMA = pa.schema(
    {
        "user_id": pa.int32(),
        "name": pa.string(),
        "age": pa.int32(),
        "gender": WORDS,
        "location": WORDS,
        "signup_date": pa.date32(),
        "subscription_plan": WORDS,
        "device_type": WORDS,
    }
)
EVENTS_SCHEMA = pa.schema(
    {
        "user_id": pa.int32(),
        "event_name": WORDS,
        "timestamp": pa.timestamp("s"),
        "amount": pa.decimal128(10, 2),
        "category": WORDS,
    }
)


@dataclass(frozen=True)
class VisitDrivers:
    """What drives visits: an entry per user in the order of ids; days count from 1970, the rest are codes."""

    plan: Ints
    device: Ints
    favourite: Ints  # category
    signup: Ints
    last: Ints  # the last day of visits; long ago for a dormant user
    weight: Floats  # share of all visits; 0 for who never came
    quits: Bools


def draw_users(count: int, seed: int, end: int) -> tuple[pa.Table, VisitDrivers]:
    rng = np.random.default_rng([seed, 0])
    band = spread(rng, [band.share for band in BANDS], count)
    starts = np.array([*(band.start for band in BANDS), OLDEST + 1])
    age = starts[band] + (rng.random(count) * np.diff(starts)[band]).astype(np.int64)
    gender = spread(rng, list(GENDERS.values()), count)
    plan = pick(rng, [band.plans for band in BANDS], band)
    device = pick(rng, [band.devices for band in BANDS], band)
    signup = signup_days(rng, count, end)
    table = pa.table(
        {
            "user_id": np.arange(1, count + 1),
            "name": full_names(rng, gender, seed),
            "age": pa.array(age, mask=rng.random(count) < 0.03),
            "gender": coded(gender, GENDERS, missing=rng.random(count) < 0.04),
            "location": coded(
                spread(rng, list(STATES.values()), count), STATES, missing=rng.random(count) < 0.02
            ),
            "signup_date": signup.astype("datetime64[D]"),
            "subscription_plan": coded(plan, PLANS),
            "device_type": coded(device, DEVICES),
        },
        schema=USERS_SCHEMA,
    )
    return table, draw_activity(rng, plan, device, signup, end)


def spread(rng: Rng, weights: npt.ArrayLike, count: int) -> Ints:
    """`count` choices among the positions of `weights`."""
    return pick(rng, np.asarray(weights)[None], np.zeros(count, np.int64))


def pick(rng: Rng, weights: npt.ArrayLike, lines: Ints) -> Ints:
    """A choice for each of `lines`, drawn by that line of `weights` (lines x choices)."""
    ends = np.cumsum(np.asarray(weights, float), axis=1)
    choices = ends.shape[1]
    # Lined up end to end, line n holds the numbers from n to n + 1: one search serves them all.
    marks = ends / ends[:, -1:] + np.arange(len(ends))[:, None]
    places = np.searchsorted(marks.ravel(), lines + rng.random(len(lines)), side="right")
    return np.asarray(np.minimum(places - lines * choices, choices - 1), np.int64)


def signup_days(rng: Rng, count: int, end: int) -> Ints:
    days = np.arange(end - SIGNUP_DAYS + 1, end + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    growth = np.linspace(1, 3, len(days))
    return days[spread(rng, growth * MONTH_SIGNUPS[months], count)]


def full_names(rng: Rng, gender: Ints, seed: int) -> pa.Array:
    fake = Faker("en_US")
    fake.seed_instance(seed)
    # In the order of GENDERS.
    firsts = (fake.first_name_female, fake.first_name_male, fake.first_name_nonbinary)
    first_names = pa.array([first() for first in firsts for _ in range(NAMES_PER_POOL)])
    family = pa.array([fake.last_name() for _ in range(NAMES_PER_POOL)])
    of_gender = gender * NAMES_PER_POOL + rng.integers(NAMES_PER_POOL, size=len(gender))
    of_family = rng.integers(NAMES_PER_POOL, size=len(gender))
    return pc.binary_join_element_wise(
        first_names.take(pa.array(of_gender)), family.take(pa.array(of_family)), " "
    )


def coded(codes: Ints, words: Iterable[str], missing: Bools | None = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int8), mask=missing), pa.array(list(words))
    )


def draw_activity(rng: Rng, plan: Ints, device: Ints, signup: Ints, end: int) -> VisitDrivers:
    count = len(plan)
    dormant = rng.random(count) < 0.3
    # The square keeps most of the dormant near their first weeks.
    lived = np.where(dormant, rng.random(count) ** 2, 1) * (end - signup)
    weight = rng.lognormal(0, 1.3, count) * PLAN_ACTIVITY[plan] * np.sqrt(lived + 1)
    came = rng.random(count) >= 0.08
    return VisitDrivers(
        plan=plan,
        device=device,
        favourite=spread(rng, SHARES, count),
        signup=signup,
        last=signup + lived.astype(np.int64),
        # Among a handful of users, all may have stayed away; then all may come.
        weight=np.where(came, weight, 0) if came.any() else weight,
        quits=(plan > 0) & (rng.random(count) < np.where(dormant, 0.15, 0.015)),
    )


def draw_events(activity: VisitDrivers, count: int, seed: int, end: int) -> Iterator[pa.Table]:
    """Exactly `count` events, by user and time, in tables of about EVENTS_AT_A_TIME rows."""
    ends = np.append(0.0, np.cumsum(activity.weight))
    due = np.rint(count * ends / (ends[-1] or 1)).astype(np.int64)  # events of the users before each user
    cuts = np.searchsorted(due, np.arange(EVENTS_AT_A_TIME, count, EVENTS_AT_A_TIME))
    for number, (start, stop) in enumerate(pairwise(np.unique([0, *cuts, len(activity.plan)])), 1):
        if quota := int(due[stop] - due[start]):
            rng = np.random.default_rng([seed, number])
            yield events_of(rng, activity, slice(start, stop), quota, end)


def events_of(rng: Rng, activity: VisitDrivers, users: slice, quota: int, end: int) -> pa.Table:
    """`quota` events of a range of users."""
    user = users.start + visitors(rng, activity.weight[users], quota // EVENTS_PER_VISIT + 1)
    depth = pick(rng, DEPTHS, activity.plan[user] * len(DEVICES) + activity.device[user])
    visit, step = walk(rng, depth, quota)
    time = moments(rng, visit, step, visit_starts(rng, activity.signup[user], activity.last[user]), end)
    loyal = rng.random(len(user)) < 0.5
    category = np.where(loyal, activity.favourite[user], spread(rng, SHARES, len(user)))[visit]
    cents = amounts(rng, visit, step, category)

    order = np.lexsort((time, user[visit]))
    user, step = user[visit][order], step[order]
    leaves = activity.quits[user] & (np.diff(user, append=-1) != 0)
    step = np.where(leaves, CODE["SUBSCRIPTION_CANCELLED"], step)
    return pa.table(
        {
            "user_id": user + 1,
            "event_name": coded(step, EVENTS),
            "timestamp": time[order].astype("datetime64[s]"),
            "amount": dollars(cents[order], missing=~np.isin(step, PRICED)),
            "category": coded(category[order], CATEGORIES, missing=~np.isin(step, CATEGORISED)),
        },
        schema=EVENTS_SCHEMA,
    )


def visitors(rng: Rng, weight: Floats, count: int) -> Ints:
    """The users of `count` visits, as positions in `weight`: all come once before the busy come again."""
    once = rng.permutation(np.flatnonzero(weight))[:count]
    ends = np.cumsum(weight)
    again = np.searchsorted(ends, rng.random(count - len(once)) * ends[-1], side="right")
    return np.append(once, np.minimum(again, len(weight) - 1))


def walk(rng: Rng, depth: Ints, quota: int) -> tuple[Ints, Ints]:
    """The visit and the step of STORY of each of `quota` events, in order."""
    times = np.stack([repeats(rng, step, depth) for step in STORY], axis=1)
    # Too few events in all are rare and few; as page views they do not show.
    times[-1, CODE["PAGE_VIEW"]] += max(0, quota - times.sum())
    visit = np.repeat(np.arange(len(depth)), times.sum(axis=1))
    step = np.repeat(np.tile(np.arange(len(STORY)), len(depth)), times.ravel())
    return visit[:quota], step[:quota]


def repeats(rng: Rng, step: StoryStep, depth: Ints) -> Ints:
    """How often each visit, by its depth, does a step."""
    does = (depth >= step.depths.start) & (depth < step.depths.stop) & (rng.random(len(depth)) < step.chance)
    return np.where(does, rng.geometric(1 / step.repeats, len(depth)), 0)


def visit_starts(rng: Rng, signup: Ints, last: Ints) -> Ints:
    """Seconds since 1970 of visits between two days: most near the last, many near the first."""
    back = rng.beta(0.7, 0.9, len(last)) * (last - signup + 1)
    days = np.maximum(last - back.astype(np.int64), signup)
    shifted = days - weekday(days) + spread(rng, WEEKDAY_VISITS, len(last))
    day = np.where((signup <= shifted) & (shifted <= last), shifted, days)
    hour = pick(rng, HOUR_VISITS, np.where(weekday(day) < 5, 0, 1))
    return day * DAY + hour * 3600 + rng.integers(3600, size=len(day))


def weekday(day: Ints) -> Ints:
    """0 for Monday; day 0, the first of 1970, was a Thursday."""
    return (day + 3) % 7


def moments(rng: Rng, visit: Ints, step: Ints, start: Ints, end: int) -> Ints:
    """Seconds since 1970 of each event, in order within a visit, none after the day `end`."""
    horizon = (end + 1) * DAY - 1
    first = np.flatnonzero(np.diff(visit, prepend=-1))
    gap = 2 + (rng.exponential(size=len(step)) * SECONDS[step]).astype(np.int64)
    # A visit shorter than a day fits even into the one day of a user who signs up on the last.
    since = np.minimum(so_far(gap, visit, first), LONGEST_VISIT)
    length = since[np.append(first[1:], len(visit)) - 1]
    start = np.minimum(start[: len(first)], horizon - length)

    waits = rng.random(len(step)) < WAIT_CHANCE[step]
    days = so_far(np.where(waits, rng.geometric(1 / WAIT_DAYS[step]), 0), visit, first)
    days_left = (horizon - start - length) // DAY
    waiting_days: Ints = np.minimum(days, days_left[visit])
    return start[visit] + since + waiting_days * DAY


def so_far(values: Ints, visit: Ints, first: Ints) -> Ints:
    """The sum of `values` from the first event of the visit, which counts 0, to each event."""
    total: Ints = np.cumsum(values)
    return total - total[first][visit]


def amounts(rng: Rng, visit: Ints, step: Ints, category: Ints) -> Ints:
    """Cents: the price of an item put in the cart, and the total of the cart for all other events."""
    is_price = step == CODE["ADDED_TO_CART"]
    what = category[is_price]
    price = np.zeros(len(step))
    price[is_price] = np.rint(100 * MEDIANS[what] * np.exp(SPREADS[what] * rng.standard_normal(len(what))))
    return np.where(is_price, price, np.bincount(visit, weights=price)[visit]).astype(np.int64)


def dollars(cents: Ints, missing: Bools) -> pa.Array:
    """Decimals straight from their bits (a cast from floats takes ten times as long)."""
    words = np.zeros((len(cents), 2), "<i8")
    words[:, 0] = cents
    bits = np.packbits(~missing, bitorder="little")
    buffers = [pa.py_buffer(bits), pa.py_buffer(words)]
    return pa.Decimal128Array.from_buffers(pa.decimal128(10, 2), len(cents), buffers)
