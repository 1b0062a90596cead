"""Replay: the same comes of the same inputs, is printed the same each time, and what differs is said."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from tests.kit import people
from tests.kit.scene import Scene
from tests.kit.telling import Teller

from cordboard.__main__ import main
from cordboard.agents.commands import SetDoNotDisturb
from cordboard.agents.model import BUILT_IN_STATES
from cordboard.calls.ports import Line, Row, packed
from cordboard.calls.records import Rules
from cordboard.journal.format import Entry
from cordboard.journal.opening import open_journal
from cordboard.server import lines
from cordboard.server.replaying import Replay, add_to, run

Numbered: TypeAlias = tuple[int, Entry]

SITE = lines.Site(Rules(), people.directory().written(), BUILT_IN_STATES)
STORY = (
    *("phone 5000 dial to=5005", "5005 Answer A", "5900 Coach 5005", "phone 5900 answer"),
    *("5005 InitiateTransfer A to=5001", "5005 SendDtmf B digits=12", "phone 5001 answer", "5005 CompleteTransfer B"),
    *("phone 5005 dial to=5002", "5002 Answer C", "5002 StartRecording C", "5002 AttachUserData C data=k:v"),
    *("fault fail HoldLeg", "5002 Hold C", "wait 100", "switch down", "switch up", "5002 Park C", "wait 200"),
)


def record(*story: str) -> list[Numbered]:
    """The entries of a story, as the desk writes them."""
    entries: list[Numbered] = []
    scene = Scene(Rules(), up=False)
    teller, board = Teller(Rules(), scene), scene.board
    board.restore(lambda _: (), 100.0)
    board.take_rows()
    ask, hear, tick = board.ask, board.hear, board.tick

    def write(line: Line) -> None:
        rows = [Row(row.table, row.key, packed(row.value)) for row in board.take_rows()]
        entries.append((len(entries) + 1, ((line,), (*rows, Row("phone_calls", b"k", b"v")))))

    write(lines.started_line("1.0", board.all_rows(), SITE, 100.0))

    def asking(command, now):  # type: ignore[no-untyped-def]
        outcome = ask(command, now)
        if outcome.refusal is None:
            write(lines.asked_line(command, outcome.orders, now))
        return outcome

    def hearing(report, now):  # type: ignore[no-untyped-def]
        outcome = hear(report, now)
        write(lines.heard_line(report, outcome.orders, now))
        return outcome

    def ticking(now):  # type: ignore[no-untyped-def]
        outcome = tick(now)
        write(lines.ticked_line(outcome.orders, now))
        return outcome

    scene.keeps = False
    board.ask, board.hear, board.tick = asking, hearing, ticking  # type: ignore[method-assign]
    scene.reports.append(scene.exchange.snapshot())
    for line in story:
        teller.play(line)
    return entries


def played(entries: list[Numbered]) -> tuple[list[str], int]:
    replay = Replay()
    return list(replay.play(entries)), replay.differences


@pytest.fixture(scope="module")
def entries() -> list[Numbered]:
    return record(*STORY)


def test_the_same_comes_of_the_same_inputs_and_is_printed_the_same(entries: list[Numbered]) -> None:
    text, differences = played(entries)
    assert differences == 0, [line for line in text if line.startswith("!!")]
    assert (text, differences) == played(entries)
    whole = "\n".join(text)
    for said in (
        *("start of cordboard 1.0 with 0 calls", "# 2 1970-01-01 00:01:40.000 hear", "Answer asker=5005 call=A"),
        *("told 5005 A StatusChange Established Internal [5000]: ", "order JoinLegs mix=A mixed=5000,5005"),
        *("something is due", "SwitchDown", "order StartRecording recording=C-1", "Hold failed", "user_data=k:v"),
        *("told 5900 device (Monitoring", "parent=A", "parked=(Parked"),
    ):
        assert said in whole, said


def test_what_differs_is_said(entries: list[Numbered]) -> None:
    place = next(place for place, (_, entry) in enumerate(entries) if entry[0][0].kind == lines.ASK)
    number, ((line,), rows) = entries[place]
    value = msgspec.msgpack.decode(line.body, type=lines.Asked)
    other = lines.Asked(msgspec.structs.replace(value.command, call="0"), value.orders)
    state = "!! then another state came of it"
    for changed, found, said in (
        (lines.Asked(value.command, ()), rows, "!! then was ordered: nothing"),
        (value, rows[:1], state),
        (value, (msgspec.structs.replace(rows[0], value=b"\x80"), *rows[1:]), state),
        (value, (*rows[:-1], Row("taped", b"k", None)), "!! then more had changed"),
        (other, rows, "!! then it was accepted"),
    ):
        spoiled = (number, ((Line(lines.ASK, 100.0, msgspec.msgpack.encode(changed)),), found))
        replay = Replay()
        text = list(replay.play([*entries[:place], spoiled, *entries[place + 1 :]]))
        assert next(line for line in text if line.startswith("!!")) == said
        assert said == "!! then it was accepted" or replay.differences == 1


def test_an_entry_has_the_rows_of_several_inputs(entries: list[Numbered]) -> None:
    def together(*found: Numbered) -> Numbered:
        return found[0][0], (
            tuple(line for _, (lines, _) in found for line in lines),
            tuple(row for _, (_, rows) in found for row in rows),
        )

    joined = [entries[0], together(*entries[1:5]), *entries[5:]]
    assert played(joined) == played(entries)
    number, (four, rows) = joined[1]
    replay = Replay()
    text = list(replay.play([entries[0], (number, (four, rows[:-2])), *entries[5:]]))
    assert (replay.differences, len([line for line in text if line.startswith("!!")])) == (1, 1)


def agent(*commands: object) -> Iterator[Numbered]:
    for number, command in enumerate(commands, 1):
        yield number, ((lines.agent_line(command, 100.0),), ())  # type: ignore[arg-type]


def test_what_is_asked_of_devices_is_done_too() -> None:
    on = SetDoNotDisturb(asker="5005", on=True)
    started = lines.started_line("1.0", [], SITE, 100.0)
    replay = Replay()
    text = list(replay.play([(1, ((started,), ())), *agent(on, on), (9, ((Line("told", 1.0, b""),), ()))]))
    assert text[3:7] == ["# 1 1970-01-01 00:01:40.000 agent", "SetDoNotDisturb asker=5005 on=True", "----", text[6]]
    assert "told 5005 device Offline" in text
    assert replay.differences == 1
    assert any(line.startswith("!! refused: ") for line in text)


def test_a_run_whose_beginning_is_gone_is_left_out() -> None:
    on = SetDoNotDisturb(asker="5005", on=True)
    gone = "# 2 inputs of a run whose beginning is no longer there"
    assert list(Replay().play(agent(on, on))) == [gone]
    started = lines.started_line("1.0", [], SITE, 100.0)
    assert next(Replay().play([*agent(on, on), (3, ((started,), ()))])) == gone


def test_the_command(tmp_path: Path, entries: list[Numbered], capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cordboard.db"
    written = open_journal(file, "virtual")
    written.start(lambda then, *more: then(*more), lambda then, *more: None)
    for _, entry in entries:
        written.append(*entry)
    written.close()
    before = file.read_bytes()
    assert main(["replay", str(file)]) == 0
    first = capsys.readouterr().out
    assert main(["replay", str(file)]) == 0
    assert capsys.readouterr().out == first
    assert first.splitlines() == played(entries)[0]
    assert file.read_bytes() == before
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    assert run(parser.parse_args(["replay", str(tmp_path / "none.db")])) == 6
    assert "none.db" in capsys.readouterr().err


def test_the_command_says_that_something_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cordboard.db"
    written = open_journal(file, "virtual")
    written.start(lambda then, *more: then(*more), lambda then, *more: None)
    written.append([lines.started_line("1.0", [], SITE, 1.0), lines.ticked_line([], 2.0)])
    written.append([lines.ticked_line([], 3.0)], [Row("calls", b"k", b"v")])
    written.close()
    assert main(["replay", str(file)]) == 1
    assert "!! then more had changed" in capsys.readouterr().out


def test_a_line_of_another_version_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cordboard.db"
    journal = open_journal(path, "virtual")
    journal.start(lambda then, *more: then(*more), lambda then, *more: None)
    journal.append([Line("start", 100.0, msgspec.msgpack.encode(["0.0.9"]))])
    journal.close()
    assert run(argparse.Namespace(file=path)) == 3
    printed = capsys.readouterr()
    assert "line 1 is of a version of cordboard that wrote other things" in printed.err
