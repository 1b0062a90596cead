"""Every row of the contract has a test that names it (``tests/kit/uapi_rows.py`` tells how)."""

from __future__ import annotations

import re

from tests.kit.uapi_rows import parts, proofs

ROWS = [row for part in parts() for row in part.rows]
PROOFS = proofs()


def test_every_row_has_a_test_that_names_it() -> None:
    assert [row.row for row in ROWS if row.row not in PROOFS] == []


def test_tests_name_rows_that_are_there() -> None:
    assert sorted(PROOFS.keys() - {row.row for row in ROWS}) == []


def test_a_name_is_that_of_one_row_and_begins_with_its_section() -> None:
    names = [row.row for row in ROWS]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.match(r"\d+(\.\d+)* \S", name)] == []
    assert [row.row for row in ROWS if len(row.says) < 10] == []
