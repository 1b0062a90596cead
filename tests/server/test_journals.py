"""``cordboard journal``: what it prints, and how it ends."""

from __future__ import annotations

import argparse
import io
import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.journals import files, write

from cordboard.calls.ports import Line, Row
from cordboard.server import journals
from cordboard.server.journals import readable

pack = msgspec.msgpack.encode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with an input, what somebody was told, and a row."""
    path = tmp_path / "cordboard.db"
    write(
        path,
        [
            (
                [Line("ask", 1_700_000_000.25, pack({"kind": "Hold", "call": "C1"}))],
                [Row("calls", b"C1", pack([1, 2]))],
            ),
            ([Line("told", 1_700_000_001.0, pack(("anna", "/v2/me/calls", b'{"x":1}')))], []),
            ([Line("told", 1_700_000_002.0, pack({"long": "x" * 200}))], []),
        ],
    )
    return path


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    journals.add_to(parser.add_subparsers(dest="command"))
    return journals.run(parser.parse_args(["journal", *map(str, arguments)]))


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    found = capsys.readouterr()
    assert found.err == ""
    return found.out.splitlines()


def test_a_list_has_a_line_for_each_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(path)
    assert run("list", path) == 0
    lines = printed(capsys)
    assert lines[0] == '            1  2023-11-14 22:13:20.250Z  ask           19  {"kind":"Hold","call":"C1"}'
    assert lines[1].endswith('["anna","/v2/me/calls","{\\"x\\":1}"]')
    assert lines[2].endswith("xxx…")
    assert files(path) == before


def test_a_list_can_be_of_some_lines_only(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def numbers(*options: object) -> list[int]:
        assert run("list", path, *options) == 0
        return [int(line.split()[0]) for line in printed(capsys)]

    assert numbers("--after", 1) == [2, 3]
    assert numbers("--last", 1) == [3]
    assert numbers("--kind", "ask") == [1]
    assert numbers("--kind", "ask", "--kind", "told", "--last", 2) == [2, 3]


@pytest.mark.parametrize("count", ["0", "x", "-1"])
def test_a_list_of_nothing_is_a_mistake(path: Path, count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("list", path, "--last", count)
    assert ended.value.code == 2
    assert "whole number above 0" in capsys.readouterr().err or count == "-1"


def test_an_export_is_json_line_by_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", path) == 0
    found = [json.loads(line) for line in printed(capsys)]
    assert found[0] == {"number": 1, "at": 1_700_000_000.25, "kind": "ask", "body": {"kind": "Hold", "call": "C1"}}
    assert [one["kind"] for one in found] == ["ask", "told", "told"]
    assert run("export", path, "--rows") == 0
    assert [json.loads(line) for line in printed(capsys)] == [{"table": "calls", "key": "C1", "value": [1, 2]}]


@pytest.mark.parametrize(
    ("packed", "found"),
    [
        (pack({"a": b"text"}), {"a": "text"}),
        (pack([b"\xff\x00", None, True, 1.5]), [{"base64": "/wA="}, None, True, 1.5]),
        (pack({1: {b"k": 2}}), {"1": {"k": 2}}),
        (pack(msgspec.msgpack.Ext(5, b"x")), {"ext": 5, "base64": "eA=="}),
        (pack(datetime(2026, 11, 21, tzinfo=UTC)), "2026-11-21 00:00:00+00:00"),
        (b"just text", "just text"),
        (b"", ""),
    ],
)
def test_anything_in_a_body_can_be_printed(packed: bytes, found: object) -> None:
    assert json.loads(msgspec.json.encode(readable(packed))) == found


@given(st.binary(max_size=30) | st.sampled_from([b"\x91" * 5_000, b"\x81\x90\x01"]))
def test_any_bytes_can_be_printed(packed: bytes) -> None:
    json.loads(msgspec.json.encode(readable(packed)))


def test_instants_that_cannot_be_are_numbers(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, [([Line("ask", 1e300, b"\xb2")], [])])
    assert run("list", path, "--after", 3) == 0
    assert printed(capsys) == ['            4                    1e+300  ask            1  {"base64":"sg=="}']


def test_a_sound_journal_is_said_to_be_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", path) == 0
    (line,) = printed(capsys)
    assert line.startswith(f"{path}: no damage; journal ")
    assert line.endswith("of site 'here', up to 3")


def test_each_damage_is_told_and_the_exit_code_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE log SET body = x'00' WHERE last = 2")
    connection.commit()
    connection.close()
    assert run("verify", path) == 5
    found = capsys.readouterr()
    assert found.out == "damaged: what was written as 2 to 2 is not what stands there now\n"
    assert found.err == f"cordboard: {path}: damaged; see above\n"
    assert run("list", path) == 5
    assert "what was written as 2 to 2" in capsys.readouterr().err


def test_what_is_no_journal_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", tmp_path / "nowhere.db") == 6
    assert capsys.readouterr().err == f"cordboard: {tmp_path}/nowhere.db: No such file or directory\n"
    (tmp_path / "a.toml").write_text("[server]\n" * 50)
    assert run("export", tmp_path / "a.toml") == 5
    assert "it is not a journal" in capsys.readouterr().err


def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("verify", "--help")
    assert "5: damaged, truncated, or not a" in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_whoever_watches_sees_how_far_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(journals, "_PROGRESS_PAUSE_S", 0)
    assert run("verify", path) == 0
    assert "\r\x1b[Kline 1 of 3 …" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    terminal.truncate(0)
    assert run("export", path) == 0
    assert "line 3 of 3 …" in terminal.getvalue()


def test_progress_is_told_a_few_times_a_second_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, now = Terminal(), [0.0]
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = journals._Progress(clock=lambda: now[0])
    progress.tell("a")
    now[0] = 0.3
    progress.tell("b")
    progress.tell("c")
    assert terminal.getvalue() == "\r\x1b[Kb …"


def test_nobody_to_print_for_is_no_error(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            return elsewhere.fileno()

    with (tmp_path / "out").open("w") as elsewhere:
        monkeypatch.setattr(sys, "stdout", Broken())
        assert run("list", path) == 0


def test_a_reader_that_has_enough_ends_it_quietly(path: Path) -> None:
    write(path, [([Line("tick", 1.0, pack("x" * 90))] * 5_000, [])])
    reading, writing = os.pipe()
    program = subprocess.Popen(
        [sys.executable, "-m", "cordboard", "journal", "list", str(path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert os.read(reading, 10)
    os.close(reading)
    _, complaint = program.communicate(timeout=30)
    assert (program.returncode, complaint) == (0, b"")
