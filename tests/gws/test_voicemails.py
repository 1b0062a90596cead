"""Messages for a user: whose they are, what is said of them, what their owner does with them (docs/voicemail.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import ADMIN, OLGA, RECORDER, SUPERVISOR, directory

from cordboard.calls.recordings import Kept
from cordboard.gws.answers import FileContent, Response
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings
from cordboard.gws.voicemails import NoMailboxes
from cordboard.people.model import User

BASE = "http://h/api/v2"
FIRST = Kept("A-v1", "A", "C", OLGA.id, "3", "5001", ("5001", "+3227"), 1_700_000_000.25, 12.5, 200_044)
OTHERS = replace(FIRST, id="B-v1", owner=RECORDER.id)


class Mailboxes:
    def __init__(self) -> None:
        self.kept = {kept.id: kept for kept in (FIRST, OTHERS)}

    def all(self) -> Sequence[Kept]:
        return list(self.kept.values())

    def find(self, recording: str) -> Kept | None:
        return self.kept.get(recording)

    def place(self, recording: str) -> Path:
        return Path("/folder") / f"{recording}.wav"

    def mark(self, recording: str, heard: bool) -> None:
        self.kept[recording] = replace(self.kept[recording], heard=heard)

    def delete(self, recording: str) -> None:
        del self.kept[recording]


def ask(
    user: User, path: str, method: str = "GET", body: bytes = b"", query: str = "", there: Mailboxes | None = None
) -> Response:
    people = directory()
    gws = Gws(FakeDesk(), FakeAgentDesk(people), people, GwsSettings("http://h"), mailboxes=there or Mailboxes())
    return gws.handle(Request(user, method, path, query, body))


def get(user: User, path: str, query: str = "") -> tuple[int, Any]:
    response = ask(user, path, query=query)
    return response.status, json.loads(response.body)


def test_everything_that_is_said_of_a_message() -> None:
    assert get(OLGA, "/me/voicemails/A-v1") == (
        200,
        {
            "statusCode": 0,
            "voicemail": {
                "id": "A-v1",
                "callId": "C",
                "phoneNumber": "5001",
                "caller": "+3227",
                "heard": False,
                "startTimestamp": 1_700_000_000_250,
                "duration": "12",
                "durationMs": 12_500,
                "size": 200_044,
                "contentType": "audio/wav",
                "contentUri": f"{BASE}/me/voicemails/A-v1/content",
                "uri": f"{BASE}/me/voicemails/A-v1",
                "path": "/me/voicemails/A-v1",
            },
        },
    )


def test_one_sees_one_s_own() -> None:
    status, body = get(OLGA, "/me/voicemails", "fields=*")
    assert (status, [one["id"] for one in body["voicemails"]]) == (200, ["A-v1"])


@pytest.mark.parametrize("user", [SUPERVISOR, ADMIN, RECORDER])
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/content"), ("PUT", ""), ("DELETE", "")], ids=str)
def test_for_everybody_else_it_does_not_exist(user: User, method: str, path: str) -> None:
    there = Mailboxes()
    answer = ask(user, f"/me/voicemails/A-v1{path}", method, b'{"heard":true}', there=there)
    assert (answer.status, json.loads(answer.body)["statusCode"]) == (404, 6)
    assert there.kept["A-v1"] == FIRST


def test_its_sound() -> None:
    answer = ask(OLGA, "/me/voicemails/A-v1/content")
    assert (answer.status, answer.file) == (200, FileContent(Path("/folder/A-v1.wav"), "audio/wav", "A-v1.wav"))


def test_it_is_marked_and_deleted() -> None:
    there = Mailboxes()
    assert ask(OLGA, "/me/voicemails/A-v1", "PUT", b'{"heard":true}', there=there).status == 200
    assert there.kept["A-v1"].heard
    assert ask(OLGA, "/me/voicemails/A-v1", "DELETE", there=there).status == 200
    assert "A-v1" not in there.kept
    assert ask(OLGA, "/me/voicemails/A-v1", "DELETE", there=there).status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"heard":1}', b"\xff"])
def test_a_body_that_is_not_understood_changes_nothing(body: bytes) -> None:
    there = Mailboxes()
    answer = ask(OLGA, "/me/voicemails/A-v1", "PUT", body, there=there)
    assert json.loads(answer.body)["statusCode"] == 10
    assert there.kept["A-v1"] == FIRST


def test_where_there_are_no_mailboxes_nobody_has_messages() -> None:
    none = NoMailboxes()
    assert (list(none.all()), none.find("A-v1")) == ([], None)
    with pytest.raises(FileNotFoundError):
        none.mark("A-v1", True)
    with pytest.raises(FileNotFoundError):
        none.delete("A-v1")
