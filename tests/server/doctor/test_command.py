"""What the command prints, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cordboard.server.config import Config, read
from cordboard.server.doctor import command
from cordboard.server.doctor.findings import Finding, Report, ok, problem


def config(kind: str) -> Config:
    made = read({"switch": {"kind": kind, "asterisk": {"password": "x"}}}, {}, "f")
    assert isinstance(made, Config)
    return made


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding | type[BaseException]]:
    """What the rounds find, or meet."""
    found: list[Any] = [ok("address", "it answers")]

    class Rounds:
        def __init__(self, _config: Config, _wall: object, timeout_s: float, tell: Any, begin: Any) -> None:
            self.tell, self.begin = tell, begin
            assert timeout_s == 2.5

        async def make(self) -> Report:
            for one in found:
                if not isinstance(one, Finding):
                    raise one
                self.begin(one.check)
                self.tell(one)
            return Report(tuple(found))

    monkeypatch.setattr(command, "Rounds", Rounds)
    return found


def test_lines_and_a_summary(findings: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(config("asterisk"), timeout_s=2.5) == 0
    printed = capsys.readouterr()
    assert printed.out == "ok       address       it answers\n1 ok\n"
    assert printed.err == ""


def test_problems_end_with_1(findings: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    findings.append(problem("trunk", "none", "some"))
    assert command.run(config("asterisk"), timeout_s=2.5) == 1
    assert capsys.readouterr().out.endswith("problem  trunk         none; change: some\n1 ok, 1 problem\n")


def test_json_is_one_document(findings: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(config("asterisk"), timeout_s=2.5, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "address"


def test_people_at_a_terminal_see_what_takes_long(
    findings: list[Finding], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    command.run(config("asterisk"), timeout_s=2.5)
    assert "looking at: address …\r\x1b[K" in capsys.readouterr().err


def test_ctrl_c_ends_it_without_a_traceback(findings: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    findings.append(KeyboardInterrupt())
    assert command.run(config("asterisk"), timeout_s=2.5) == 130
    assert "1 ok" not in capsys.readouterr().out


def test_there_is_nothing_to_look_at_in_a_virtual_switch(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(config("virtual")) == 0
    assert capsys.readouterr().out.startswith("ok       switch        is virtual: there is no Asterisk to look at\n")
