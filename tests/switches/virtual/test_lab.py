from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.calls.orders import DialLeg
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import FAULTS_MAX, Link
from cordboard.switches.virtual.lab import Lab


class Board:
    """Owns a link as the switch does and keeps what the board would be told."""

    def __init__(self) -> None:
        self.link = Link(Exchange(["5000", "5005", "0003*210"], ["3334444"]))
        self.told: list[AnyReport] = []
        self.lab = Lab(self)

    def tell(self, reports: Sequence[AnyReport]) -> None:
        self.told += reports

    def ask(self, method: str, path: str, body: Any = None, now: float = 0) -> tuple[int, Any]:
        sent = b"" if body is None else msgspec.json.encode(body)
        status, answer = self.lab.handle(method, f"/lab/v1/{path}", sent, now)
        return status, msgspec.json.decode(answer)


@pytest.fixture
def board() -> Board:
    return Board()


IDLE = {"number": "5000", "state": "idle", "lines": [], "hears": []}


def test_a_phone_can_be_looked_at(board: Board) -> None:
    assert board.ask("GET", "phones/5000") == (200, IDLE)
    assert board.ask("GET", "phones/0003%2A210")[1]["number"] == "0003*210"
    assert board.ask("GET", "phones/0003*210")[1]["number"] == "0003*210"


def test_all_phones_can_be_looked_at(board: Board) -> None:
    status, phones = board.ask("GET", "phones")
    assert (status, phones[0]) == (200, IDLE)
    assert [phone["number"] for phone in phones] == ["5000", "5005", "0003*210", "3334444"]
    assert board.ask("GET", "phones/") == (status, phones)


def test_a_person_acts_and_sees_what_came_of_it(board: Board) -> None:
    assert board.ask("POST", "phones/5000", {"do": "dial", "to": "5005"}) == (
        200,
        {
            "number": "5000",
            "state": "dialing",
            "lines": [{"line": 0, "state": "dialing", "peer": "5005"}],
            "hears": ["silence"],
        },
    )
    assert board.ask("POST", "phones/5000", {"do": "hangup", "line": 0}) == (200, IDLE)
    assert board.told == [LegOffered("x1", "5000", "5005"), LegEnded("x1")]


def test_a_trunk_number_is_a_phone_outside(board: Board) -> None:
    board.ask("POST", "phones/3334444", {"do": "dial", "to": "5005"})
    assert board.told == [LegOffered("x1", "3334444", "5005", external=True)]


def test_what_a_phone_cannot_do_is_409(board: Board) -> None:
    answer = {"error": "the phone is idle; hold needs a line that is talking or dialing"}
    assert board.ask("POST", "phones/5000", {"do": "hold"}) == (409, answer)
    assert board.told == []


@pytest.mark.parametrize("path", ["phones/77", "phones/77/behaviour", "phones/77%2A"])
def test_a_number_without_a_phone_is_404(path: str, board: Board) -> None:
    number = path.split("/")[1].replace("%2A", "*")
    assert board.ask("GET", path) == (404, {"error": f"there is no phone {number}"})


@pytest.mark.parametrize("path", ["", "phone", "phones/5000/lines", "phones/5000/behaviour/x", "faults/1"])
def test_anything_else_is_404(path: str, board: Board) -> None:
    status, answer = board.ask("GET", path)
    assert status == 404
    assert "/lab/v1/phones, /lab/v1/faults and /lab/v1/reset" in answer["error"]


@pytest.mark.parametrize(
    ("method", "path", "accepted"),
    [
        ("DELETE", "phones/5000", "GET, POST"),
        ("POST", "phones", "GET"),
        ("POST", "phones/5000/behaviour", "GET, PUT"),
        ("PUT", "faults", "GET, POST"),
        ("GET", "reset", "POST"),
    ],
)
def test_other_methods_are_405(method: str, path: str, accepted: str, board: Board) -> None:
    assert board.ask(method, path) == (405, {"error": f"{method} is not accepted here; accepted: {accepted}"})


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "phones/5000", b"", ["truncated", '"do"']),
        ("POST", "phones/5000", b"\xff", ["malformed", '"do"']),
        ("POST", "phones/5000", b'{"do":"sing"}', ["sing", "dial, answer, reject"]),
        ("POST", "phones/5000", b'{"do":"dial"}', ["`to`"]),
        ("POST", "phones/5000", b'{"do":"dial","to":"\\ud800"}', ["accepted"]),
        ("PUT", "phones/5000/behaviour", b'{"on_ring":"sing"}', ["sing", "ring, answer, busy, reject, unreachable"]),
        ("PUT", "phones/5000/behaviour", b'{"after_ms":-1}', ["after_ms"]),
        ("PUT", "phones/5000/behaviour", b'{"after":1}', ["after"]),
        ("POST", "faults", b"[]", ['"orders"', '"switch"']),
        ("POST", "faults", b"{}", ["orders"]),
        ("POST", "faults", b'{"orders":"sing"}', ["fail, delay, drop"]),
        ("POST", "faults", b'{"orders":"fail","match":"PlaceLegs"}', ["'PlaceLegs'", "JoinLegs"]),
        ("POST", "faults", b'{"orders":"fail","count":0}', ["count"]),
        ("POST", "faults", b'{"switch":"sideways"}', ["sideways", '"down" or "up"']),
        ("POST", "faults", b'{"switch":"down","orders":"fail"}', ["orders"]),
    ],
)
def test_bad_input_is_400_with_what_is_accepted(
    method: str, path: str, body: bytes, expected: list[str], board: Board
) -> None:
    before = board.lab.handle("GET", "/lab/v1/faults", b"", 0), board.lab.handle("GET", "/lab/v1/phones", b"", 0)
    status, answer = board.lab.handle(method, f"/lab/v1/{path}", body, 0)
    assert status == 400
    for words in expected:
        assert words in msgspec.json.decode(answer)["error"]
    assert before == (
        board.lab.handle("GET", "/lab/v1/faults", b"", 0),
        board.lab.handle("GET", "/lab/v1/phones", b"", 0),
    )
    assert board.told == []


def test_behaviour_is_set_for_the_calls_to_come(board: Board) -> None:
    assert board.ask("GET", "phones/5005/behaviour") == (200, {"on_ring": "ring", "after_ms": 0})
    answer = {"on_ring": "answer", "after_ms": 250}
    assert board.ask("PUT", "phones/5005/behaviour", answer) == (200, answer)
    assert board.ask("GET", "phones/5005/behaviour") == (200, answer)
    board.tell(board.link.submit([DialLeg(1, "a", "5005", "5000", "c")], now=1))
    assert board.told[1:] == [LegRinging("a")]


def test_what_was_due_happens_before_the_request(board: Board) -> None:
    board.ask("PUT", "phones/5005/behaviour", {"on_ring": "answer", "after_ms": 250})
    board.link.submit([DialLeg(1, "a", "5005", "5000", "c")], now=1)
    assert board.ask("GET", "phones/5005", now=1.2)[1]["state"] == "ringing"
    assert board.ask("GET", "phones/5005", now=1.25)[1]["state"] == "talking"
    assert board.told == [LegAnswered("a")]


def test_faults_wait_until_they_are_used_up(board: Board) -> None:
    pending = {"orders": "fail", "match": "DialLeg", "count": 2, "delay_ms": 0}
    state = {"switch": "up", "faults": [pending]}
    assert board.ask("POST", "faults", {"orders": "fail", "match": "DialLeg", "count": 2}) == (200, state)
    assert board.ask("GET", "faults") == (200, state)
    board.link.submit([DialLeg(number, str(number), "5005", "5000", "c") for number in (1, 2)], now=0)
    assert board.ask("GET", "faults") == (200, {"switch": "up", "faults": []})


def test_too_many_faults_are_409(board: Board) -> None:
    for _ in range(FAULTS_MAX):
        assert board.ask("POST", "faults", {"orders": "drop"})[0] == 200
    assert board.ask("POST", "faults", {"orders": "drop"}) == (
        409,
        {"error": f"{FAULTS_MAX} faults are pending already"},
    )


def test_the_switch_goes_down_and_comes_back(board: Board) -> None:
    assert board.ask("POST", "faults", {"switch": "down"}) == (200, {"switch": "down", "faults": []})
    board.ask("POST", "phones/5000", {"do": "dial", "to": "5005"})
    board.ask("POST", "phones/5000", {"do": "hangup"})
    assert board.ask("POST", "faults", {"switch": "up"}) == (200, {"switch": "up", "faults": []})
    assert board.told == [SwitchDown(), SwitchSnapshot()]


def test_reset_ends_all(board: Board) -> None:
    board.ask("POST", "phones/5000", {"do": "dial", "to": "5005"})
    board.ask("PUT", "phones/5005/behaviour", {"on_ring": "busy"})
    board.ask("POST", "phones/5005", {"do": "unplug"})
    board.ask("POST", "faults", {"orders": "drop"})
    assert board.ask("POST", "reset") == (200, {"switch": "up", "faults": []})
    assert board.told == [LegOffered("x1", "5000", "5005"), LegEnded("x1")]
    assert board.ask("GET", "phones/5000") == (200, IDLE)
    assert board.ask("GET", "phones/5005/behaviour")[1] == {"on_ring": "ring", "after_ms": 0}


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "\x00"]),
    path=st.one_of(
        st.text(st.characters()), st.sampled_from(["phones/5000", "phones/5000/behaviour", "faults", "reset", "%ff"])
    ),
    body=st.binary(),
)
def test_nothing_that_is_sent_escapes(method: str, path: str, body: bytes) -> None:
    board = Board()
    status, answer = board.lab.handle(method, f"/lab/v1/{path}", body, 0)
    assert status in (200, 400, 404, 405, 409)
    msgspec.json.decode(answer)
