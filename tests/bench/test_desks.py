"""A desk goes on when it was answered and both desktops were told, and notices when anything is not as it should be."""

from __future__ import annotations

from typing import Any

import pytest
from bench.desks import Desk, Request
from bench.lines import LineError

from bench import desks

TOLD = b'[{"channel":"/v2/me/calls","data":{"call":{"id":"C1"}}}]'
REQUESTS = [Request(b"dial", None, True, 1), Request(b"answer ", b"!", False, 2), Request(b"hangup", None, True, 0)]


class Line:
    """Stands in for a connection."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)


class Table:
    """A desk whose lines are not connected."""

    def __init__(self) -> None:
        self.desk = Desk(REQUESTS)
        self.http, self.lab = Line(), Line()
        lines: Any = (self.http, self.lab)
        self.desk.http, self.desk.lab = lines
        self.finished: list[Desk] = []
        self.failures: list[Exception] = []
        self.desk.finished, self.desk.failed = self.finished.append, self.failures.append

    def answer(self, body: bytes = b'{"statusCode":0}', status: int = 200) -> None:
        self.desk._take_answer(status, b"", body)

    def tell(self, *desktops: int, payload: bytes = TOLD) -> None:
        for desktop in desktops:
            self.desk.desktops[desktop]._heard(payload)


def test_a_transfer_goes_step_by_step() -> None:
    table = Table()
    table.desk.begin()
    assert table.lab.sent == [b"dial"]
    table.tell(0, 1)
    assert table.http.sent == []
    table.answer(b"{}")
    assert table.http.sent == [b"answer C1!"]
    table.answer()
    table.tell(0, 1, 0)
    assert len(table.lab.sent) == 1
    table.tell(1)
    assert table.lab.sent == [b"dial", b"hangup"]
    table.answer(b"{}")
    assert table.finished == [table.desk]
    assert (table.desk.transfers, table.failures) == (1, [])


def test_a_heartbeat_that_ends_along_with_a_notification_begins_anew() -> None:
    table, socket = Table(), Line()
    desktop: Any = table.desk.desktops[0]
    desktop.line = socket
    socket.send = socket.write  # type: ignore[attr-defined]
    table.tell(0)
    assert socket.sent == []
    table.tell(0, payload=b'[{"channel":"/meta/connect","successful":true}]')
    table.tell(0, payload=TOLD[:-1] + b',{"channel":"/meta/connect","successful":true}]')
    assert len(socket.sent) == 2
    assert desktop.messages == 2


def test_a_refused_operation_is_a_failure() -> None:
    table = Table()
    table.desk.begin()
    table.answer(b"{}", status=409)
    assert "409" in str(table.failures[0])


def test_a_notification_too_many_is_a_failure() -> None:
    table = Table()
    table.desk.begin()
    table.tell(0, 0, 1)
    table.answer(b"{}")
    assert "too many" in str(table.failures[0])


def test_what_was_told_before_counts_for_nothing() -> None:
    table = Table()
    table.tell(0, 1)
    table.desk.forget()
    table.desk.begin()
    table.answer(b"{}")
    assert table.http.sent == []
    table.tell(0, 1)
    assert len(table.http.sent) == 1


def test_frames_are_kept_step_by_step_while_they_are_asked_for() -> None:
    table = Table()
    table.desk.log = []
    table.desk.desktops[0].keep(True)
    table.desk.begin()
    table.tell(0, 1)
    table.answer(b"{}")
    table.tell(0, 1, payload=TOLD[:-1] + b"," + TOLD[1:])
    table.answer()
    table.answer(b"{}")
    assert [len(frames) for frames in table.desk.log[0]] == [1, 1, 0]
    assert table.desk.answers == [b"{}", b'{"statusCode":0}', b"{}"]


def test_everybody_at_the_desks_has_a_number_of_their_own() -> None:
    numbers = [number for desk in range(50) for number in (vars_of(desk))]
    assert len(set(numbers)) == 150


def vars_of(desk: int) -> tuple[str, str, str]:
    people = desks.people(desk)
    return people.caller, people.agent, people.target


def test_a_frame_without_a_call_is_an_error() -> None:
    with pytest.raises(LineError, match="no call"):
        desks.call_id(b"[]")
