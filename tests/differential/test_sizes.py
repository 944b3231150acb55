"""The sizes of several segments in one query are those of each by itself, and levers ask for valid specs."""

from hypothesis import example, given

from duckmart.insight.sensitivity import varied_parameters
from duckmart.spec.segment import Segment
from tests.differential.conftest import Loaded
from tests.strategies import Spec, segments, spec_runs
from tests.world import BUY, LOGIN, WHOLE_IDS

OFTEN = {"event_name": LOGIN, "operator": "gte", "count": 2, "time_range_days": 30}
BOUGHT = {"steps": [{"event_name": LOGIN}, {"event_name": BUY}], "within_days": 7, "time_range_days": 60}


@spec_runs(0.05)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
@example({"event_filters": [OFTEN], "sample": {"percent": 10, "seed": "spring"}, "limit": 1})
@example({"groups": [{"event_filters": [OFTEN], "sequence_filters": [BOUGHT], "negate": True}]})
@example({"segment_filters": [{"segment": "paying", "operator": "in"}], "event_filters": [OFTEN]})
@example({"user_filters": [{"field": "age", "operator": "between", "value": [25, 40]}]})
def test_sizes_in_one_query_are_those_of_each_segment(whole_ids: Loaded, spec: Spec) -> None:
    mart, segment = whole_ids.mart, whole_ids.segment(spec)

    asked = variants(segment, whole_ids)

    assert mart.sizes(asked) == [mart.size(each).total for each in asked]


@spec_runs(0.1)
@given(segments(WHOLE_IDS))
@example({"user_filters": [{"field": "age", "operator": "between", "value": [25, 40]}]})
@example({"groups": [{"sequence_filters": [BOUGHT]}]})
def test_every_point_of_every_lever_is_a_spec_that_the_check_lets_through(
    whole_ids: Loaded, spec: Spec
) -> None:
    mart, segment = whole_ids.mart, whole_ids.segment(spec)

    for lever in varied_parameters(segment, mart.catalog, mart.as_of(segment)):
        assert lever.at(segment, lever.current).as_dict() == segment.as_dict()
        assert lever.current in lever.points
        for point in lever.points:
            moved = lever.at(segment, point).as_dict()
            assert mart.accept(moved)[0].as_dict() == moved


def variants(segment: Segment, loaded: Loaded) -> list[Segment]:
    """The segment, its opposite, and what its levers make of it at their ends."""
    mart = loaded.mart
    found = varied_parameters(segment, mart.catalog, mart.as_of(segment))[:4]
    moved = [lever.at(segment, point) for lever in found for point in (lever.points[0], lever.points[-1])]
    return [segment, segment.model_copy(update={"negate": not segment.negate}), *moved]
