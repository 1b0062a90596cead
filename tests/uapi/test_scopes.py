"""Whom a path means, and whether the account reaches that far (voipnow-uapi §1.2)."""

from __future__ import annotations

import pytest
from tests.uapi.front import ANN, CALLS, JIM, JOHN, OUTSIDE, Front

from cordboard.people.model import Account
from cordboard.uapi.scopes import Scope


@pytest.mark.uapi("1.2 other words for users", "1.2 @owner", "1.2 user ids")
@pytest.mark.parametrize(
    ("path", "account", "answer"),
    [
        ("/99/0003*210", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/@global/0003*210", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/99/@self", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/12/0003*999", Account(JOHN, "administrator"), (400, "extension_invalid")),
        (f"/12/{OUTSIDE}", Account(JOHN, "administrator"), (400, "extension_invalid")),
        ("/13/0003*210", Account(JOHN, "administrator"), (400, "extension_invalid")),
        ("/13/0003*024", Account(JOHN), (401, "access_denied")),
        ("/@me/0003*024", Account(JOHN), (401, "access_denied")),
        ("/@owner/0004*100", Account(JOHN, "organization"), (401, "access_denied")),
        ("/15/@self", Account(JOHN, "organization"), (401, "access_denied")),
        ("/12/0003*210/1/2", Account(JOHN), (501, "request_not_implemented")),
        ("/12", Account(JOHN), (501, "request_not_implemented")),
    ],
)
def test_who_may_ask_for_what(path: str, account: Account, answer: tuple[int, str]) -> None:
    assert Front().code("GET", CALLS + path, account=account) == answer


@pytest.mark.uapi("1.2 @self", "1.2 @me and @viewer")
def test_an_id_alone_is_found_within_reach() -> None:
    front = Front()
    call_id = front.talk("0003*024", "0003*025")
    assert front.get(f"{CALLS}/@me/@self/{call_id}")["totalResults"] == 1
    assert front.get(f"{CALLS}/@me/@self/{call_id}", account=Account(ANN, "organization"))["totalResults"] == 0
    assert front.get(f"{CALLS}/@viewer/@self/{call_id}", account=Account(JIM))["totalResults"] == 1


def test_the_extension_that_a_request_is_about() -> None:
    front = Front()
    call = front.chronicle.find(front.talk("0003*024", "0003*025"))
    assert call is not None
    assert Scope(("0003*210", "0003*025"), (call,)).own(call) == "0003*025"
    assert Scope(("0003*210",), (call,)).own(call) == ""


@pytest.mark.uapi("1.2 extended and short numbers")
def test_a_telephone_and_a_service_are_extensions() -> None:
    front = Front()
    call_id = front.talk("0003*024", "0003*025")
    account = Account(JOHN, "administrator")
    (call,) = front.get(f"{CALLS}/13/024", account=account)["entry"]
    assert call["id"] == call_id
    assert front.get(f"{CALLS}/12/0003*400", account=account)["entry"] == []
    assert front.get(f"{CALLS}/@owner/400", account=account)["entry"] == []
    assert front.code("GET", f"{CALLS}/@me/0004*500", account=Account(JOHN)) == (401, "access_denied")
    assert front.code("GET", f"{CALLS}/13/0003*400", account=account) == (400, "extension_invalid")


@pytest.mark.uapi("1.2 user ids")
def test_user_ids_are_texts() -> None:
    assert Front().code("GET", f"{CALLS}/012/@self") == (400, "user_invalid")
