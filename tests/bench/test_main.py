"""The benchmarks' command line."""

from __future__ import annotations

import json

import pytest
from bench.board import Report
from bench.fanout import Asked
from bench.measuring import Machine

from bench import __main__ as program
from bench import asterisk, board, fanout, journal

REPORT = Report(Machine("a processor", 2, "3.11", "6"), 7, 21.0, few_us=8.0, many_us=9.0, growth=1.1, kib_per_call=2.0)


@pytest.fixture(autouse=True)
def _no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "run", lambda count: REPORT if count == 7 else None)
    monkeypatch.setattr(journal, "run", lambda *_: "found")


def test_one_benchmark_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["board", "--count", "7"]) == 0
    assert capsys.readouterr().out == f"{REPORT}\n"


def test_reports_can_be_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["board", "--count", "7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["board"]["few_us"] == 8.0


def test_help_tells_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--help"])
    out = capsys.readouterr().out
    assert "operations" in out
    assert "docs/benchmarks.md" in out


def test_fanout_is_asked_for_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []
    monkeypatch.setattr(fanout, "run", lambda what: asked.append(what) or "found")
    arguments = ("--clients", "9", "--rate", "50", "--transport", "websocket", "--peer", "none", "--crowd", "0")
    assert program.main(["fanout", *arguments]) == 0
    assert program.main(["--without", "operations", "--without", "board", "--without", "asterisk"]) == 0
    assert asked[0] == Asked(clients=9, rate=50.0, transports=("websocket",), others=(), crowd=0)
    assert asked[1] == Asked()


def test_asterisk_is_asked_for_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[asterisk.Asked] = []
    monkeypatch.setattr(asterisk, "run", lambda what: asked.append(what) or "found")
    assert program.main(["asterisk", "--transfers", "9", "--hold", "5", "--calls", "20"]) == 0
    assert program.main(["asterisk"]) == 0
    assert asked == [asterisk.Asked(9, 5.0, 20.0), asterisk.Asked()]


def test_the_journal_is_asked_for_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, int, int]] = []
    monkeypatch.setattr(journal, "run", lambda *what: asked.append(what) or "found")
    assert program.main(["journal", "--seconds", "0.5", "--rounds", "2", "--commits", "9"]) == 0
    assert program.main(["journal"]) == 0
    assert asked == [(0.5, 2, 9), (1.0, 3, 1_000_000)]
