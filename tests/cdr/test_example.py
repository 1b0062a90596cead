"""The example of docs/cdr.md is what comes of that story. Written anew with CORDBOARD_REWRITE=1."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from tests.calls.play import Play

from cordboard.cdr.keeping import on_the_wall
from cordboard.cdr.shown import show

PAGE = Path(__file__).parents[2] / "docs" / "cdr.md"
BEGIN, END = "```json\n", "```\n"
NOON = 1_795_262_400.0
"""12:00 on 21 November 2026."""


def example() -> str:
    play = Play("phone 5000 dial to=5005", "wait 4", "5005 Answer A", "wait 20", "5005 InitiateTransfer A to=5001")
    for line in ("wait 5", "phone 5001 answer", "wait 10", "5005 CompleteTransfer B", "wait 60", "phone 5001 hangup"):
        play.do(line)
    records = [on_the_wall(record, NOON - 100.0) for record in play.scene.records]
    shown = [show(number, record, lambda number: f"agent-{number}") for number, record in enumerate(records, 1)]
    assert len(shown) == 4
    return "".join(f"{msgspec.json.format(msgspec.json.encode(one)).decode()}\n" for one in (shown[1], shown[0]))


def test_the_example_is_true() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("CORDBOARD_REWRITE"):
        PAGE.write_text(f"{before}{BEGIN}{example()}{END}{after}", encoding="utf-8")
    assert written == example(), "docs/cdr.md shows something else: see it with CORDBOARD_REWRITE=1 and git diff"
