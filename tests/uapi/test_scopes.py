"""Whom a path means, and whether the account reaches that far (voipnow-uapi §1.2)."""

from __future__ import annotations

import pytest
from tests.uapi.front import ANN, CALLS, JIM, JOHN, OUTSIDE, Front

from cordboard.people.model import Account


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
