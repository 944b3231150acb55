"""Files that people really have load, or lose what is no row, as a colleague would wish."""

import pytest

from tests.data.conftest import Shop
from tests.data.exports import EXPORTS, Export

USERS = "user_id\n" + "".join(f"{number}\n" for number in range(1, 41))


def test_there_are_25_files_each_described_in_a_sentence_of_its_own():
    assert len({export.what for export in EXPORTS}) == len(EXPORTS) == 25
    assert all(export.what.endswith(".") for export in EXPORTS)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.what.partition(":")[0])
def test_a_file_that_people_have_is_read_as_a_colleague_would(shop: Shop, export: Export):
    file = shop.file("export.csv.gz" if export.packed else "export.csv", export.content)
    report = shop.load(*((USERS, file) if export.of_events else (file,)), names=export.names)
    table = report.events if export.of_events else report.users
    assert (table.rows, table.loaded, table.refused) == (
        export.loaded + export.refused,
        export.loaded,
        export.refused,
    )
    assert [kind.partition("(")[0] for kind in table.columns.values()] == export.kinds.split()
    assert table.cleared == 0
