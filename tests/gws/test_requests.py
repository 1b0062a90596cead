"""What is said about bodies that can't be used, and in which order of complaints (gws-v2 §7.3)."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.kit.people import AGENT

from cordboard.gws import bodies
from cordboard.gws.answers import Problem, StatusCode
from cordboard.gws.requests import USER_DATA_DEPTH_MAX, Operation, Request, read_call_body, read_operation, too_deep

DIAL = {"Dial": bodies.Dial}
BAD_BODIES = [
    (b"", 10, "JSON"),
    (b"{", 10, "JSON"),
    (b"hello", 10, "JSON"),
    (b'{"operationName":"\xff"}', 10, "JSON"),
    (b'{"operationName":1e999}', 10, "JSON"),
    (b"[" * 100_000, 10, "JSON"),
    (b"[]", 10, "object"),
    (b'"Dial"', 10, "object"),
    (b"null", 10, "object"),
    (b"{}", 1, "operationName"),
    (b'{"operationName":null}', 1, "operationName"),
    (b'{"operationName":5}', 10, "operationName"),
    (b'{"operationName":""}', 2, "''"),
    (b'{"operationName":"Reject"}', 2, "'Reject'"),
    (b'{"operationName":"initiatetransfer"}', 2, "'initiatetransfer'"),
    (b'{"operationName":"Reject","destination":7}', 2, "'Reject'"),
]
BAD_PARAMETERS = [
    (b'{"operationName":"%s"}', 1, "destination is missing"),
    (b'{"operationName":"%s","destination":{}}', 1, "destination.phoneNumber is missing"),
    (b'{"operationName":"%s","destination":"5001"}', 10, "$.destination"),
    (b'{"operationName":"%s","destination":null}', 10, "$.destination"),
    (b'{"operationName":"%s","destination":{"phoneNumber":5001}}', 10, "phoneNumber"),
    (b'{"operationName":"%s","destination":{"phoneNumber":"1"},"userData":[]}', 10, "$.userData"),
    (b'{"operationName":"%s","destination":{"phoneNumber":"1"},"userData":"a"}', 10, "$.userData"),
    (b'{"operationName":"%s","destination":{"phoneNumber":"1"},"location":1}', 10, "$.location"),
]


@pytest.mark.parametrize(("body", "code", "about"), BAD_BODIES)
def test_a_body_that_names_no_operation(body: bytes, code: int, about: str) -> None:
    for found in (read_call_body(body), read_operation(body, DIAL)):
        assert isinstance(found, Problem)
        assert found.code == code
        assert about in found.message


@pytest.mark.parametrize(("body", "code", "about"), BAD_PARAMETERS)
def test_parameters_that_are_missing_or_wrong(body: bytes, code: int, about: str) -> None:
    for found in (read_call_body(body % b"InitiateTransfer"), read_operation(body % b"Dial", DIAL)):
        assert isinstance(found, Problem)
        assert found.code == code
        assert about in found.message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"operationName":"SendDtmf"}', 1),
        (b'{"operationName":"SendDtmf","digits":12}', 10),
        (b'{"operationName":"AttachUserData"}', 1),
        (b'{"operationName":"UpdateUserData","userData":null}', 10),
        (b'{"operationName":"DeleteUserDataPair"}', 1),
        (b'{"operationName":"DeleteUserDataPair","key":{}}', 10),
        (b'{"operationName":"RemoveParticipantFromConference"}', 1),
        (b'{"operationName":"RemoveParticipantFromConference","participant":{"phoneNumber":"1"}}', 10),
        (b'{"operationName":"CompleteTransfer","consultCallUri":7}', 10),
        (b'{"operationName":"SwapCalls","otherCallUri":[]}', 10),
    ],
)
def test_parameters_of_other_operations(body: bytes, code: int) -> None:
    found = read_call_body(body)
    assert isinstance(found, Problem)
    assert found.code == code


def test_a_long_unknown_name_is_not_repeated_in_full() -> None:
    found = read_operation(json.dumps({"operationName": "x" * 5000}).encode(), DIAL)
    assert isinstance(found, Problem)
    assert len(found.message) < 200


def test_members_that_an_operation_does_not_know_are_ignored() -> None:
    assert read_call_body(b'{"operationName":"Answer","userData":5,"x":1}') == bodies.Answer()


def test_an_operation_that_is_named_twice_is_not_guessed() -> None:
    found = read_call_body(b'{"operationName":"Reject","operationName":"Answer"}')
    assert isinstance(found, Problem)
    assert found.code == 10


def test_an_operation_is_found_by_name() -> None:
    found = read_operation(b'{"operationName":"Dial","destination":{"phoneNumber":"5001"}}', DIAL)
    assert found == Operation("Dial", bodies.Dial(bodies.Destination("5001")))


def nested(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for level in range(levels - 1):
        value = {"a": value} if level % 2 else {"a": [value]}
    return value


def test_user_data_may_be_nested_but_not_without_end() -> None:
    assert too_deep({}) is None
    assert too_deep({"a": {"b": [1, {"c": "d"}]}}) is None
    deep: object = 1
    for _ in range(USER_DATA_DEPTH_MAX - 1):
        deep = {"a": deep}
    assert too_deep(deep) is None
    assert too_deep({"a": deep}) is not None


@pytest.mark.parametrize("name", ["Dial", "InitiateTransfer"])
def test_a_body_with_user_data_too_deep_is_a_problem(name: str) -> None:
    body = {"operationName": name, "destination": {"phoneNumber": "1"}, "userData": nested(USER_DATA_DEPTH_MAX)}
    raw = json.dumps(body).encode()
    found = read_operation(raw, DIAL) if name == "Dial" else read_call_body(raw)
    assert isinstance(found, Problem)
    assert found.code == 10


def test_parameters_of_a_query() -> None:
    request = Request(AGENT, "GET", "/me", "subresources=devices%2Ccalls&fields=*&empty=&fields=id")
    assert request.parameters() == {"subresources": "devices,calls", "fields": "id", "empty": ""}
    assert Request(AGENT, "GET", "/me").parameters() == {}


@pytest.mark.parametrize("hint", ["x" * 65, "a\nb", "\x7f"])
def test_what_goes_on_to_the_switch_is_a_short_line(hint: str) -> None:
    asked = {"operationName": "InitiateTransfer", "destination": {"phoneNumber": "1"}, "location": hint}
    problem = read_call_body(msgspec.json.encode(asked))
    assert isinstance(problem, Problem)
    assert problem.code is StatusCode.OUT_OF_RANGE
    found = read_operation(
        msgspec.json.encode({"operationName": "Dial", "destination": {"phoneNumber": "1"}, "outboundCallerId": hint}),
        {"Dial": bodies.Dial},
    )
    assert isinstance(found, Problem)
    assert found.code is StatusCode.OUT_OF_RANGE
