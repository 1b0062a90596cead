"""docs/conformance.md: the samples of the original's documentation that are compared with what the server sends."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any

import msgspec
from tests.kit import vectors
from tools.publish.writing import code, page, table

NAME = "conformance.md"
ACCEPTANCE = vectors.VECTORS.parent / "acceptance"

_INTRODUCTION = """\
# Conformance

The samples that the public Web Services API Reference (Genesys, 8.5.2) prints are kept as *vectors*: the requests,
answers and notifications of each, in the order of its page. Tests compare them with the server twice:

- each message alone: what the server writes for the same event, and how it reads the same request
  (`tests/gws/test_vectors.py`);
- whole stories, played over HTTP and CometD by the npm client against the running server (`tests/acceptance`).

Every member of every message is compared: one that is missing, or not in the sample, is a failure, unless this page
says otherwise."""

_TOLERATED = """\
## What is tolerated

Where samples contradict each other, or must differ from run to run:"""

_REPAIRED = """\
## What was repaired

The pages are printed, scanned and wrapped; these readings were chosen:"""


class Vector(msgspec.Struct, frozen=True):
    name: str
    page: str
    contents: Counter[str]
    operations: tuple[str, ...]
    heard_in: str


def text() -> str:
    provenance = tomllib.loads((vectors.VECTORS / "PROVENANCE.toml").read_text("utf-8"))
    return page(
        _INTRODUCTION,
        "## Vectors",
        table(
            ["vector", "sample", "operations", "messages", "heard in"],
            [_row(one) for one in _vectors(provenance["files"])],
        ),
        _TOLERATED,
        table(
            ["member", "why, and how it is compared"], [[one["member"], one["why"]] for one in provenance["tolerated"]]
        ),
        _REPAIRED,
        table(["vectors", "printed", "read as"], [_repair(one) for one in provenance["repairs"]]),
    )


def _vectors(files: dict[str, str]) -> list[Vector]:
    found = []
    for name in vectors.names():
        steps = vectors.load(name)
        kinds = Counter(kind for step in steps for kind in step)
        asked = [step["request"]["body"]["operationName"] for step in steps if "request" in step]
        operations = tuple(dict.fromkeys(asked))
        found.append(Vector(name, files[f"{name}.json"], kinds, operations, _heard_in(name)))
    return found


def _row(vector: Vector) -> list[str]:
    counted = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in vector.contents.items())
    link = f"[{vector.name}](../tests/vectors/{vector.name}.json)"
    return [link, vector.page, code(vector.operations), counted, vector.heard_in]


def _heard_in(name: str) -> str:
    """The tests with the running server; of two samples that print the same story one is enough."""
    for same in (name, *(other for other in vectors.names() if vectors.load(other) == vectors.load(name))):
        found = [path for path in sorted(ACCEPTANCE.glob("test_*.py")) if f'"{same}"' in path.read_text("utf-8")]
        if found:
            links = ", ".join(f"[{path.stem}](../tests/acceptance/{path.name})" for path in found)
            return links if same == name else f"prints the same as {same}: {links}"
    return "–"


def _repair(repair: dict[str, Any]) -> list[str]:
    return [", ".join(re.sub(r"\.json$", "", name) for name in repair["files"]), repair["what"], repair["read_as"]]
