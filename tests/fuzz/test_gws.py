"""Whatever comes in at the door of Web Services, an answer of the contract goes out (gws-v2 §1.3, §1.4)."""

from __future__ import annotations

import json

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import ADMIN, AGENT, PEOPLE, directory

from cordboard.calls.model import Refusal, RefusalKind
from cordboard.gws.answers import HTTP_STATUS, StatusCode
from cordboard.gws.bodies import tag_of
from cordboard.gws.requests import CALL_BODIES, Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings

DIRECTORY = directory()
SPECIAL = {(405, 2), (503, 4)}
"""Answers whose HTTP status is not that of the table: a wrong method, a switch that can't be reached."""

IDS = st.sampled_from([AGENT.device.id, ADMIN.device.id, AGENT.id, "C1", "voice", "api-voice", "", "*", "..", "%00"])
WORDS = (
    *("me", "devices", "calls", "channels", "settings", "tserver", "users", "features", "services", "version"),
    *("contacts", "groups", "agent-states"),
)
SEGMENTS = st.one_of(st.sampled_from(WORDS), IDS, st.text(max_size=8))
PATHS = st.one_of(
    st.lists(SEGMENTS, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    IDS.map("/me/calls/{}".format),
    IDS.map("/me/devices/{}".format),
    IDS.map("/me/devices/{}/calls".format),
    IDS.map("/contacts/{}".format),
    st.sampled_from(["/me", "/me/channels/voice", "/users", "/devices", "/me/calls", "/me/", "/contacts"]),
    st.text(max_size=30),
)
QUERIES = st.one_of(
    st.text(max_size=30),
    st.text(max_size=20).map("filterName=NamesOrPhoneNumberMatches&filterParameters={}".format),
    st.sampled_from(["type=Queue", "sortBy=name&order=Descending", "sortBy=x", "roles=ROLE_AGENT&name=5005"]),
    st.sampled_from(["subresources=*", "fields=*", "fields=id,uri", "limit=1&offset=1", "limit=-1", "offset=²", "&=&"]),
)
OTHER_NAMES = (
    "Dial",
    "Ready",
    "Offline",
    "StartContactCenterSession",
    "EndContactCenterSession",
    "DoNotDisturbOn",
    "DoNotDisturbOff",
    "ForwardCallsOn",
    "ForwardCallsOff",
    "Reject",
    "answer",
    "",
)
NAMES = st.sampled_from([*CALL_BODIES, *OTHER_NAMES])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "operationName": NAMES | JSON,
        "destination": st.just({"phoneNumber": "5001"}) | st.just({}) | JSON,
        "userData": st.dictionaries(st.text(max_size=5), JSON, max_size=3) | JSON,
        "consultCallUri": st.text(max_size=8) | JSON,
        "channels": st.lists(st.sampled_from(["voice", "chat"]), max_size=3) | JSON,
        "participant": st.text(max_size=5) | JSON,
        "digits": st.text(max_size=5) | JSON,
        "forwardTo": st.text(max_size=5) | JSON,
        "devicePath": JSON,
        "key": JSON,
    },
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
    PARAMETERS.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
)
REFUSALS = st.none() | st.builds(Refusal, st.sampled_from(RefusalKind), st.text(max_size=10))


@given(
    user=st.sampled_from(PEOPLE),
    method=st.sampled_from(["GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "", "get"]),
    path=PATHS,
    query=QUERIES,
    body=BODIES,
    refusal=REFUSALS,
)
@example(user=AGENT, method="POST", path="/me/calls/C1", query="", body=b"[" * 100_000, refusal=None)
@example(user=AGENT, method="POST", path="/me", query="", body=b'{"operationName":"\xff"}', refusal=None)
@example(user=AGENT, method="POST", path="/me/calls/C1", query="", body=b'{"operationName":"\\ud800"}', refusal=None)
@example(user=AGENT, method="POST", path="/me/calls/C1", query="", body=b'{"a":1e999}', refusal=None)
def test_every_request_gets_an_answer_whose_two_codes_agree(user, method, path, query, body, refusal) -> None:
    gws = Gws(FakeDesk(refusal=refusal), FakeAgentDesk(DIRECTORY, refusal), DIRECTORY, GwsSettings("http://x:1"))
    response = gws.handle(Request(user, method, path, query, body))
    answer = msgspec.json.decode(response.body, type=dict)
    code = answer["statusCode"]
    assert type(code) is int
    assert response.status != 500
    assert HTTP_STATUS[StatusCode(code)] == response.status or (response.status, code) in SPECIAL
    if code == 0:
        assert "statusMessage" not in answer
    else:
        assert isinstance(answer["statusMessage"], str)
        assert answer["statusMessage"]
    if code not in (0, StatusCode.PARTIAL_SUCCESS):
        assert set(answer) == {"statusCode", "statusMessage"}


@given(body=st.sampled_from(sorted(CALL_BODIES)), data=st.data())
def test_user_data_that_is_accepted_can_be_written_again(body, data) -> None:
    desk = FakeDesk()
    gws = Gws(desk, FakeAgentDesk(DIRECTORY), DIRECTORY, GwsSettings("http://x:1"))
    user_data = data.draw(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
    sent = {"operationName": tag_of(CALL_BODIES[body]), "destination": {"phoneNumber": "1"}, "userData": user_data}
    raw = json.dumps(sent).encode()
    gws.handle(Request(AGENT, "POST", "/me/calls/C1", "", raw))
    for command in desk.asked:
        assert msgspec.json.encode(getattr(command, "user_data", {}))
