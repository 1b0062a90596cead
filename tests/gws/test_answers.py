"""The statusCode table and what becomes of refusals (gws-v2 §1.4)."""

from __future__ import annotations

import json

import pytest

from cordboard.calls.model import Refusal, RefusalKind
from cordboard.gws import answers
from cordboard.gws.answers import HTTP_STATUS, Problem, Response, StatusCode

TABLE = {
    **dict.fromkeys([0, 7], 200),
    **dict.fromkeys([1, 2, 10, 11], 400),
    **dict.fromkeys([3, 5, 8, 20], 403),
    **dict.fromkeys([4, 9, 12, 13, 14, 15, 16, 17], 500),
    6: 404,
    18: 409,
    19: 409,
}


def test_every_status_code_has_the_http_status_of_the_table() -> None:
    assert {code.value: status for code, status in HTTP_STATUS.items()} == TABLE
    assert set(HTTP_STATUS) == set(StatusCode)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (RefusalKind.UNKNOWN_CALL, 404, 6),
        (RefusalKind.NOT_PERMITTED_NOW, 400, 2),
        (RefusalKind.BAD_DESTINATION, 400, 10),
        (RefusalKind.BAD_VALUE, 400, 10),
        (RefusalKind.UNKNOWN_PARTICIPANT, 404, 6),
        (RefusalKind.LIMIT_REACHED, 400, 2),
        (RefusalKind.SWITCH_UNAVAILABLE, 503, 4),
    ],
)
def test_each_refusal_has_its_codes(kind: RefusalKind, status: int, code: int) -> None:
    response = answers.refused(Refusal(kind, "because"))
    answer = json.loads(response.body)
    assert (response.status, answer["statusCode"]) == (status, code)
    assert set(answer) == {"statusCode", "statusMessage"}


def test_no_kind_of_refusal_is_forgotten() -> None:
    assert set(answers.REFUSALS) == set(RefusalKind)


def test_a_refusal_tells_its_detail_but_never_about_a_call_one_may_not_know_of() -> None:
    assert answers.refusal_message(Refusal(RefusalKind.BAD_VALUE, "because")) == "because"
    assert answers.refusal_message(Refusal(RefusalKind.BAD_VALUE, "")) == "Refused: bad value."
    mine = answers.refused(Refusal(RefusalKind.UNKNOWN_CALL, "C1 is over"))
    theirs = answers.refused(Refusal(RefusalKind.UNKNOWN_CALL, "C2 belongs to 5001"))
    assert mine == theirs


def test_success_has_no_message() -> None:
    assert Response(200, b'{"statusCode":0}') == answers.ACCEPTED
    assert Response(200, b'{"statusCode":0}', end_session=True) == answers.SESSION_ENDED
    assert answers.content({"version": "1"}) == Response(200, b'{"statusCode":0,"version":"1"}')


def test_errors_are_made_of_code_and_message() -> None:
    expected = Response(400, b'{"statusCode":1,"statusMessage":"x is missing"}')
    assert answers.problem(Problem(StatusCode.PARAMETER_MISSING, "x is missing")) == expected
    assert answers.error(StatusCode.PARAMETER_MISSING, "x is missing") == expected
    assert answers.error(StatusCode.PARAMETER_MISSING, "x", status=422).status == 422


def test_a_wrong_method_says_which_is_right() -> None:
    response = answers.wrong_method(["GET", "POST"])
    assert response.status == 405
    assert json.loads(response.body) == {"statusCode": 2, "statusMessage": "This resource accepts GET, POST only."}


def test_partial_success_lists_both() -> None:
    response = answers.partial([{"statusCode": 0, "channel": "voice"}], [{"statusCode": 4, "channel": "chat"}])
    answer = json.loads(response.body)
    assert (response.status, answer["statusCode"]) == (200, 7)
    assert answer["succeeded"] == [{"statusCode": 0, "channel": "voice"}]
    assert answer["failed"] == [{"statusCode": 4, "channel": "chat"}]


def test_what_is_absent() -> None:
    absent = answers.absent()
    assert (absent.status, json.loads(absent.body)["statusCode"]) == (404, 6)
