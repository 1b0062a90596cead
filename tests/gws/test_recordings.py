"""Recordings that are kept: whose they are, how they are listed, and what is said of them (docs/recordings.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import ADMIN, AGENT, OLGA, RECORDER, SUPERVISOR, directory

from cordboard.calls.recordings import Kept
from cordboard.gws.answers import FileContent, Response
from cordboard.gws.recordings import Nothing
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings
from cordboard.people.model import Tenant, User

BASE = "http://h/api/v2"
FIRST = Kept("A-1", "A", "C", RECORDER.id, "3", "5002", ("5002", "+3227"), 1_700_000_000.25, 12.5, 200_044)
SECOND = replace(FIRST, id="A-2", owner=OLGA.id, starter="5001", seconds=0.9994)
ELSEWHERE = replace(FIRST, id="B-1", owner="somebody", tenant="4")
STRANGER = replace(SUPERVISOR, id="stranger", tenant=Tenant("4", "Elsewhere"))


class Archive:
    def all(self) -> Sequence[Kept]:
        return [ELSEWHERE, SECOND, FIRST]

    def find(self, recording: str) -> Kept | None:
        return next((kept for kept in self.all() if kept.id == recording), None)

    def place(self, recording: str) -> Path:
        return Path("/folder") / f"{recording}.wav"


def ask(user: User, path: str, query: str = "", method: str = "GET") -> Response:
    people = directory()
    gws = Gws(FakeDesk(), FakeAgentDesk(people), people, GwsSettings("http://h"), archive=Archive())
    return gws.handle(Request(user, method, path, query))


def get(user: User, path: str, query: str = "") -> tuple[int, Any]:
    response = ask(user, path, query)
    return response.status, json.loads(response.body)


def test_everything_that_is_said_of_a_recording() -> None:
    assert get(RECORDER, "/recordings/A-1") == (
        200,
        {
            "statusCode": 0,
            "recording": {
                "id": "A-1",
                "callId": "C",
                "conversationId": "A",
                "userUri": f"{BASE}/users/{RECORDER.id}",
                "phoneNumber": "5002",
                "participants": [
                    {"e164Number": "", "formattedPhoneNumber": "5002", "phoneNumber": "5002", "digits": "5002"},
                    {"e164Number": "+3227", "formattedPhoneNumber": "+3227", "phoneNumber": "+3227", "digits": "+3227"},
                ],
                "startTimestamp": 1_700_000_000_250,
                "duration": "12",
                "durationMs": 12_500,
                "size": 200_044,
                "contentType": "audio/wav",
                "contentUri": f"{BASE}/recordings/A-1/content",
                "uri": f"{BASE}/recordings/A-1",
                "path": "/recordings/A-1",
            },
        },
    )


@pytest.mark.parametrize(
    ("user", "visible"),
    [
        (RECORDER, ["A-1"]),
        (OLGA, ["A-2"]),
        (AGENT, []),
        (SUPERVISOR, ["A-1", "A-2"]),
        (ADMIN, ["A-1", "A-2"]),
        (STRANGER, ["B-1"]),
    ],
    ids=lambda value: value.name if isinstance(value, User) else "",
)
def test_a_recording_exists_for_who_began_it_and_for_the_staff_of_its_tenant(user: User, visible: list[str]) -> None:
    for recording in ("A-1", "A-2", "B-1", "C-9"):
        for path in (f"/recordings/{recording}", f"/recordings/{recording}/content"):
            response = ask(user, path)
            assert response.status == (200 if recording in visible else 404)
            if recording not in visible:
                assert response == ask(user, "/recordings/unheard-of"), "nothing is told apart"


def test_one_s_own_are_listed_for_everybody() -> None:
    assert get(RECORDER, "/me/recordings") == (200, {"statusCode": 0, "uris": [f"{BASE}/recordings/A-1"]})
    assert get(SUPERVISOR, "/me/recordings") == (200, {"statusCode": 0, "uris": []})
    assert get(OLGA, "/me/recordings", "fields=id,durationMs") == (
        200,
        {"statusCode": 0, "recordings": [{"id": "A-2", "durationMs": 999}]},
    )


@pytest.mark.parametrize("user", [SUPERVISOR, ADMIN], ids=["supervisor", "admin"])
def test_those_of_the_tenant_are_listed_for_its_staff_the_latest_first(user: User) -> None:
    both = [f"{BASE}/recordings/A-2", f"{BASE}/recordings/A-1"]
    assert get(user, "/recordings") == (200, {"statusCode": 0, "uris": both})
    assert get(user, "/recordings", "limit=1&offset=1") == (200, {"statusCode": 0, "uris": both[1:]})


def test_nobody_else_lists_those_of_the_tenant() -> None:
    status, answer = get(RECORDER, "/recordings")
    assert (status, answer["statusCode"]) == (403, 5)


def test_the_sound_is_a_file_with_a_name() -> None:
    assert ask(RECORDER, "/recordings/A-1/content") == Response(
        200, b"", file=FileContent(Path("/folder/A-1.wav"), "audio/wav", "A-1.wav")
    )
    assert ask(RECORDER, "/recordings/A-1/content/").file is not None, "a slash at the end makes no difference"


@pytest.mark.parametrize("path", ["/recordings/../content", "/recordings//content", "/recordings/A-1/../A-1/content"])
def test_no_path_leads_out_of_the_archive(path: str) -> None:
    assert ask(SUPERVISOR, path).status == 404


@pytest.mark.parametrize("path", ["/me/recordings", "/recordings", "/recordings/A-1", "/recordings/A-1/content"])
def test_recordings_are_read_only(path: str) -> None:
    assert ask(SUPERVISOR, path, method="DELETE").status == 405


def test_an_archive_may_be_empty() -> None:
    nothing = Nothing()
    assert (list(nothing.all()), nothing.find("A-1")) == ([], None)
    with pytest.raises(FileNotFoundError):
        nothing.place("A-1")
