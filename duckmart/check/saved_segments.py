"""What is wrong with a segment together with the saved segments that it refers to."""

from collections.abc import Iterator
from dataclasses import replace

from duckmart.check import CheckContext, Findings, check, delivery
from duckmart.errors import Key, Problem, SavedId, phrase
from duckmart.spec.paths import dotted
from duckmart.spec.references import References
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk


def check_with_saved(segment: Segment, references: References, context: CheckContext) -> Findings:
    """The findings of a segment and of the saved segments below it, each of those where the spec names it."""
    own = check([((), segment), *walk(segment)], context)
    problems = [*own.problems, *references.problems]
    warnings = [*delivery(segment, context), *own.warnings]
    for saved_id, saved in references.segments.items():
        # The days of a saved segment are those of its own time zone.
        findings = check([((), saved), *walk(saved)], replace(context, zone=saved.zone))
        path = dotted(references.paths[saved_id])
        problems += [_of_saved(saved_id, path, problem) for problem in findings.problems]
        warnings += [_of_saved(saved_id, path, warning) for warning in findings.warnings]
        warnings += list(_without_effect(saved_id, path, saved))
    return Findings(tuple(problems), tuple(warnings))


def _of_saved(saved_id: str, path: str, problem: Problem) -> Problem:
    """A finding in a saved segment, where the spec refers to it."""
    message = phrase("the saved segment {id!r}: {cause}", id=SavedId(saved_id), cause=problem)
    return Problem(path, problem.code, message, "fix it there")


def _without_effect(saved_id: str, path: str, saved: Segment) -> Iterator[Problem]:
    """What a saved segment says of its delivery counts only when it is asked for itself."""
    keys = {
        "limit": saved.limit is not None,
        "as_of": saved.as_of is not None,
        "split": saved.sample is not None and saved.sample.split is not None,
    }
    for key in (key for key, is_there in keys.items() if is_there):
        message = phrase(
            "the {key} of the saved segment {id!r} has no effect here",
            key=Key(key),
            id=SavedId(saved_id),
        )
        yield Problem(path, "ignored", message, "set it in this spec")
