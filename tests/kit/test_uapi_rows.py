"""Rows and marks are read as they are written, and what is not understood is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.kit.uapi_rows import Part, Proof, Row, parts, proofs


def test_parts_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "2-b.toml").write_text('title = "B"\n[[rows]]\nrow = "2 x"\nsays = "y"\n')
    (tmp_path / "1-a.toml").write_text('title = "A"\nrows = []\n')
    assert parts(tmp_path) == [Part("A", []), Part("B", [Row("2 x", "y")])]


def test_a_row_has_no_other_words(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text('title = "A"\n[[rows]]\nrow = "1"\nsays = "y"\nwhy = "z"\n')
    with pytest.raises(msgspec.ValidationError):
        parts(tmp_path)


def test_marks_of_tests_and_of_parameters_are_found(tmp_path: Path) -> None:
    mark = "pytest.mark." + "uapi"
    (tmp_path / "test_a.py").write_text(
        f'@{mark}("1 x", "2 y")\ndef test_b():\n    pass\n\n'
        f'@pytest.mark.parametrize("one", [pytest.param(1, marks={mark}("2 y")),\n'
        f'    pytest.param(2, marks={mark}("2 y"))])\n'
        "async def test_c(one):\n    pass\n"
    )
    (tmp_path / "test_d.py").write_text("def test_e():\n    pass\n")
    assert proofs(tmp_path) == {
        "1 x": [Proof("test_a.py", "test_b")],
        "2 y": [Proof("test_a.py", "test_b"), Proof("test_a.py", "test_c")],
    }


@pytest.mark.parametrize(
    "text", ['CASE = {}("1")\n', "@{}(NAME)\ndef test_a():\n    pass\n", '@{}("1")\ndef a(): ...\n']
)
def test_a_mark_that_nobody_can_find_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(text.format("pytest.mark." + "uapi"))
    with pytest.raises(ValueError, match=r"test_a\.py:1: a mark of rows"):
        proofs(tmp_path)
