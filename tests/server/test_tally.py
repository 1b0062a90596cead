"""What is counted: names that are known, all others together, however many there are."""

from __future__ import annotations

import pytest
from tests.kit import people

from cordboard.server.tally import Answered, Requests, Switching, uapi_operation
from cordboard.uapi.actions import ACTIONS, Actions


@pytest.mark.parametrize(
    ("method", "body", "operation"),
    [
        ("GET", b"", "read"),
        ("PUT", b"{}", "change"),
        ("DELETE", b"", "delete"),
        ("PROPFIND", b"", "other"),
        ("POST", b'{"destination":{"phoneNumber":"5001"},"operationName":"InitiateTransfer"}', "InitiateTransfer"),
        ("POST", b'{"operationName":"Dial"}', "Dial"),
        ("POST", b'{"operationName":"StartContactCenterSession"}', "StartContactCenterSession"),
        ("POST", b'{"operationName":"Lunch"}', "Lunch"),
        ("POST", b'{"operationName":"Dinner"}', "other"),
        ("POST", b'{"operationName":7}', "other"),
        ("POST", b"\xff", "other"),
        ("POST", b"[" * 5_000, "other"),
    ],
)
def test_operations_of_web_services(method: str, body: bytes, operation: str) -> None:
    requests = Requests(["Lunch"])
    requests.gws(method, body, 200, b'{"statusCode":0}', 0.002)
    assert dict(requests.answered()) == {Answered("gws", operation, 200, "0"): 1}
    took = requests.took()["gws", operation]
    assert (took.counts[:3], took.sum_s) == ([0, 1, 0], 0.002)


@pytest.mark.parametrize(
    ("method", "path", "body", "operation"),
    [
        ("GET", "/uapi/phoneCalls/@me/*", b"", "read"),
        ("POST", "/uapi/phoneCalls/@me/simple", b"{}", "simple"),
        ("POST", "/uapi/phoneCalls/@me/conferenceInvite/", b"{}", "conferenceInvite"),
        ("POST", "/uapi/extensions/@me/1/phoneCallEvents", b"{}", "create"),
        ("PUT", "/uapi/phoneCalls/@me/1/2", b'{"action":"Transfer"}', "Transfer"),
        ("PUT", "/uapi/phoneCalls/@me/1/2", b'{"action":"Explode"}', "change"),
        ("DELETE", "/uapi/phoneCalls/@me/1/2", b"", "delete"),
        ("TRACE", "/uapi", b"", "other"),
    ],
)
def test_operations_of_the_unified_api(method: str, path: str, body: bytes, operation: str) -> None:
    assert uapi_operation(method, path, body) == operation
    requests = Requests()
    requests.uapi(method, path, body, 204, 0.1)
    assert list(requests.answered()) == [Answered("uapi", operation, 204, "")]


def test_every_action_is_known() -> None:
    assert set(Actions(people.directory())._makers) == ACTIONS


def test_who_is_denied_is_counted_without_a_look_at_what_for() -> None:
    requests = Requests()
    requests.denied("gws", 403, b'{"statusCode":20,"statusMessage":"Access denied"}')
    requests.denied("uapi", 401)
    requests.plain("oauth", "token", 200, 0.1)
    assert list(requests.answered()) == [
        Answered("gws", "other", 403, "20"),
        Answered("uapi", "other", 401, ""),
        Answered("oauth", "token", 200, ""),
    ]
    assert list(requests.took()) == [("oauth", "token")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b'{"statusCode":0}', "0"),
        (b'{"statusCode":4,"statusMessage":"a"}', "4"),
        (b'{"statusCode":10,"statusMessage":"a"}', "10"),
        (b'{"statusCode":7,"succeeded":[]}', "7"),
        (b"", ""),
        (b"RIFF", ""),
    ],
)
def test_the_status_code_of_an_answer(answer: bytes, code: str) -> None:
    requests = Requests()
    requests.gws("GET", b"", 200, answer, 0.1)
    requests.gws("GET", b"", 200, answer, 0.1)
    assert requests.answered() == {Answered("gws", "read", 200, code): 2}


def test_orders_are_counted_by_their_names() -> None:
    switching = Switching()
    switching.sent["DialLeg"] += 1
    assert (dict(switching.sent), switching.failed, switching.lost) == ({"DialLeg": 1}, 0, 0)
