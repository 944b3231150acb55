"""Every mutation can be made: what it replaces is there, once."""

from pathlib import Path

import pytest

from tests.mutations.rows import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_changes_code_that_is_there_once(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text("utf-8").count(mutation.old) == 1
    assert mutation.new != mutation.old


def test_mutations_have_names_of_their_own() -> None:
    names = [one.name for one in MUTATIONS]
    assert len(set(names)) == len(names)
