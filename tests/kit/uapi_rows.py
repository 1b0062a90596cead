"""The rows of the UnifiedAPI's contract, and which tests name each.

**Rows** are in ``tests/uapi/rows/*.toml``, a file for each part of the contract, in the order of the files' names:

    title = "Phone calls"

    [[rows]]
    row = "2.4.9 legacy body"           # the section, then a few words: its name, used nowhere else
    says = "what must hold, in our own words"

**Tests** name the rows that they prove with a mark, on the test or on one of its parameters; several names in one mark
are fine, and so are several tests for one row, in any tier:

    @pytest.mark.uapi("2.4.9 legacy body", "1.2 trailing slash")
    def test_the_body_of_2015() -> None: ...

    pytest.param({"action": "transfer"}, "pc_action_invalid", marks=pytest.mark.uapi("2.4.3 action names"))

Marks are read from the sources, not from a run, so they must be written out as above. ``tests/uapi/test_rows.py`` fails
when a row has no test or a test names a row that is not there; ``make docs`` writes docs/uapi-conformance.md of both.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

TESTS = Path(__file__).parents[1]
ROWS = TESTS / "uapi" / "rows"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that the contract asks for."""

    row: str
    says: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the contract."""

    title: str
    rows: list[Row]


class Proof(msgspec.Struct, frozen=True, order=True):
    """A test that names a row. ``path`` is below tests/."""

    path: str
    test: str


def parts(folder: Path = ROWS) -> list[Part]:
    files = sorted(folder.glob("*.toml"))
    return [msgspec.convert(tomllib.loads(file.read_text("utf-8")), Part) for file in files]


def proofs(tests: Path = TESTS) -> dict[str, list[Proof]]:
    """Which tests name which row. Raises ValueError for a mark that belongs to no test."""
    found: dict[str, list[Proof]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.uapi(" in text:
            for row, test in _named(ast.parse(text), path):
                proof = Proof(path.relative_to(tests).as_posix(), test)
                if proof not in found.setdefault(row, []):
                    found[row].append(proof)
    return found


def _named(module: ast.Module, path: Path) -> Iterator[tuple[str, str]]:
    """Names of rows with the names of the tests that they are said of."""
    for statement in module.body:
        is_test = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name.startswith("test_")
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.uapi":
                for argument in node.args:
                    if not (is_test and isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                        raise ValueError(f"{path}:{node.lineno}: a mark of rows must be written out, and be a test's")
                    yield argument.value, getattr(statement, "name", "")
