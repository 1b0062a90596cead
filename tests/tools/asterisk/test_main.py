"""The command line says what is wrong; what it starts is tried by the live tests."""

from __future__ import annotations

import pytest

from tools.asterisk import __main__, bringing


def test_a_program_that_is_there_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = bringing.Program(("/bin/ld.so", "asterisk"), "Asterisk 22.10.1")
    monkeypatch.setattr(bringing, "bring", lambda pin: found)
    assert __main__.main(["bring"]) == 0
    assert capsys.readouterr().out == "Asterisk 22.10.1: /bin/ld.so asterisk\n"


def test_a_range_of_ports_has_two_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        __main__.main(["run", "--rtp", "10000"])
    assert "argument --rtp: invalid _range value: '10000'" in capsys.readouterr().err
