"""docs/uapi-conformance.md: what the contract of the UnifiedAPI asks for, row by row, and the tests that prove it."""

from __future__ import annotations

from collections import Counter

from tests.kit.uapi_rows import Part, Proof, Row, parts, proofs
from tools.publish.writing import page, table

NAME = "uapi-conformance.md"

_INTRODUCTION = """\
# The UnifiedAPI, row by row

What is known of VoipNow's UnifiedAPI (from its documentation, a printed example and clients in the field), one row for
each thing that must hold, and the tests that name it. Numbers are the sections of our notes on it, which the sources
cite as `voipnow-uapi §…`. Where the documentation is silent or contradicts itself, the row says what holds here.

Tests name rows with `@pytest.mark.uapi("…")`; a row without a test, or a test that names a row that is not here, fails
`make test`. `.venv/bin/python -m pytest -m uapi` runs all of them."""


def text() -> str:
    found = proofs()
    sections = [section for part in parts() for section in (f"## {part.title}", _table(part, found))]
    return page(_INTRODUCTION, *sections)


def _table(part: Part, found: dict[str, list[Proof]]) -> str:
    return table(["row", "what holds", "tests"], [_line(row, found.get(row.row, [])) for row in part.rows])


def _line(row: Row, tests: list[Proof]) -> list[str]:
    return [row.row, row.says, ", ".join(_links(tests)) or "–"]


def _links(tests: list[Proof]) -> list[str]:
    """The tests by their names; those of one name with their files."""
    counts = Counter(proof.test for proof in tests)
    shown = [
        (proof, proof.test if counts[proof.test] == 1 else f"{proof.test} ({proof.path.partition('/')[0]})")
        for proof in tests
    ]
    return [f"[{name}](../tests/{proof.path})" for proof, name in shown]
