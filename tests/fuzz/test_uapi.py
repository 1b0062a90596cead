"""Whatever comes in at the door of the UnifiedAPI, an answer of the contract goes out (voipnow-uapi §1.6, §1.7)."""

from __future__ import annotations

import json
from urllib.parse import quote

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.test_gws import JSON
from tests.uapi.front import ANN, JANE, JOHN, OUTSIDE, Front

from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Dial
from cordboard.uapi.listing import OPERATORS
from cordboard.uapi.openapi_schemas import ACTIONS
from cordboard.uapi.requests import Acting, Request

STATUSES = {200, 202, 204, 400, 401, 409, 501}
"""Those that are declared, but for the door's own."""
NUMBERS = ("0003*210", "210", "024", "0003*300", "0004*100", OUTSIDE, "+1", "@self", "", "*", "²")
USERS = ("@me", "@viewer", "@owner", "12", "15", "@self", "0012")
SERVICES = ("phoneCalls", "extensions", "cdr", "faxes", "cache", "")
TAILS = ("phoneCallEvents", "presence", "queue", "agents", "0", "5", "event1", "CALL", "simple", "callback", "")
WORDS = st.sampled_from((*SERVICES, *USERS, *NUMBERS, *TAILS)) | st.text(max_size=6)
NUMBER = st.sampled_from(NUMBERS)
EXTENSION = st.builds(
    "extensions/{}/{}/{}".format, st.sampled_from(USERS), NUMBER, st.lists(WORDS, max_size=4).map("/".join)
)
PATHS = st.one_of(
    st.lists(WORDS, max_size=6).map("/".join),
    st.builds("phoneCalls/{}/{}/{}".format, st.sampled_from(USERS), NUMBER, st.sampled_from(("", "CALL", "none"))),
    st.builds(
        "phoneCalls/{}/{}".format, st.sampled_from(USERS), st.sampled_from(("simple", "callback", "conferenceInvite"))
    ),
    EXTENSION,
    st.sampled_from(("cdr", "cdr/12", "extensions/@me/210/phoneCallEvents/0/event1", "extensions/@me/@self/presence")),
)
NAMES = (
    *("count", "startIndex", "sortOrder", "fields", "filterBy", "filterOp", "filterValue", "phoneNumber", "flow"),
    *("startDate", "endDate", "saveStartDate", "source", "disposition", "waitForPickup", "callDuration", "video", "x"),
)
VALUES = st.one_of(
    st.sampled_from((*OPERATORS, *NUMBERS, "published", "extension", "url", "id,url", "descending", "true", "8", "-1")),
    st.sampled_from(("2012-06-27T16:08:55+03:00", "2012-06-27", "0001-01-01T00:00:00+14:00", "9" * 30, "0003*,")),
    st.text(max_size=6),
)
QUERIES = st.one_of(
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4).map(
        lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs.items())
    ),
    st.text(alphabet=st.characters(max_codepoint=255), max_size=20),
)
MEMBER = (
    NUMBER | st.integers(-1, 4_000) | st.sampled_from(("00", "01", 1, "0", "wav", "John Doe <210>", "a<b", None)) | JSON
)
FIELDS = (
    *("sendCallTo", "transferFromNumber", "transferNumber", "phoneCallViewId", "callerId", "waitForPickup", "private"),
    *("maxInParking", "format", "extension", "phoneCallView", "nonce", "type", "url", "method", "status", "note"),
)
VIEW = st.dictionaries(st.sampled_from(("source", "destination", "callerId")), MEMBER | st.lists(MEMBER, max_size=2))
BODIES = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda action, fields, view: json.dumps({**fields, **({"action": action} if action else {}), **view}).encode(),
        st.sampled_from((*ACTIONS, "transfer", "")),
        st.dictionaries(st.sampled_from(FIELDS), MEMBER, max_size=5),
        st.just({}) | st.builds(lambda view: {"extension": "210", "phoneCallView": [view]}, VIEW),
    ),
    st.sampled_from((0, 4, "2")).map(lambda kind: json.dumps({"type": kind, "url": "http://h/"}).encode()),
)
ACCOUNTS = st.sampled_from((Account(JOHN), Account(JOHN, "organization"), Account(JANE), Account(ANN, "administrator")))
METHODS = st.sampled_from(("GET", "GET", "POST", "PUT", "PUT", "DELETE", "PATCH", "", "get"))
STEPS = st.lists(st.tuples(METHODS, PATHS, QUERIES, BODIES, ACCOUNTS), min_size=1, max_size=4)


@given(steps=STEPS)
@example(steps=[("PUT", "phoneCalls/@me/@self/CALL", "", b"[" * 100_000, Account(JOHN))])
@example(steps=[("PUT", "phoneCalls/@me/@self/CALL", "", b'{"action":"\\ud800"}', Account(JOHN))])
@example(steps=[("PUT", "phoneCalls/@me/@self/CALL", "", b'{"action":"PickUp","callerId:"}', Account(JOHN))])
@example(steps=[("GET", "cdr", "startDate=%00&filterBy=source&filterValue=%FF", b"", Account(JOHN))])
def test_every_request_gets_an_answer_of_the_contract(steps) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    front.act(OUTSIDE, Dial(to="0003*025"))
    front.run()
    for method, path, query, body, account in steps:
        request = Request(account, method, f"/uapi/{path.replace('CALL', call_id)}", query, body)
        outcome = front.uapi.handle(request)
        if isinstance(outcome, Acting):
            outcome = outcome.then([front.carry_out(command) for command in outcome.commands])
        assert outcome.status in STATUSES
        if outcome.status == 204:
            assert outcome.body == b""
            continue
        answer = msgspec.json.decode(outcome.body)
        if outcome.status < 400:
            assert "error" not in answer
        else:
            assert set(answer) == {"error"}
            assert set(answer["error"]) == {"code", "message"}
            assert all(isinstance(text, str) and text for text in answer["error"].values())
    front.wait(1.0)
