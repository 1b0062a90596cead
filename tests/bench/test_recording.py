"""What a recording leads to when it is played to another board."""

from __future__ import annotations

import pytest
from bench.recording import play, prepared, record

from bench import recording as recordings
from cordboard.calls.board import Board


def test_a_recording_played_again_leads_to_the_same() -> None:
    recording = record(3, 4)
    board = recording.board()
    play(board, recording.setup)
    assert play(board, recording.inputs) == (recording.events, recording.orders)
    assert recording.events > 4 * 10


def test_the_setup_leaves_so_many_calls_in_progress_and_no_timer() -> None:
    recording = record(3, 0)
    board = recording.board()
    play(board, recording.setup)
    assert len(board.ledger.conversations) == 3
    assert len(board.ledger.calls) == 6
    assert board.next_deadline() is None
    assert list(recording.inputs) == []


def test_transfers_leave_nothing_behind() -> None:
    recording = record(2, 5)
    board = recording.board()
    play(board, [*recording.setup, *recording.inputs])
    assert len(board.ledger.calls) == 4
    assert not board.ledger.waiting


def test_ticks_are_played_but_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "PACE_S", 1.5)
    recording = record(1, 10)
    ticks = sum(one.kind == "tick" for one in recording.inputs)
    assert ticks > 0
    assert recording.counted == len(recording.inputs) - ticks


def test_an_input_that_is_refused_is_noticed() -> None:
    recording = record(0, 1)
    board = recording.board()
    with pytest.raises(AssertionError):
        play(board, [one for one in recording.inputs if one.kind == "ask"])


def test_prepared_inputs_are_the_boards_own_methods() -> None:
    recording = record(0, 1)
    board = recording.board()
    assert isinstance(board, Board)
    assert {method for method, _ in prepared(board, recording.inputs)} <= {board.ask, board.hear, board.tick}
