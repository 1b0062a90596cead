"""A key is used once: what is repeated, what is refused, what is forgotten (call-semantics decision 9)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.kit.people import AGENT, OLGA

from cordboard.gws import answers
from cordboard.gws.answers import Response
from cordboard.gws.requests import Request
from cordboard.people.model import User
from cordboard.server.idempotency import Idempotency, Kept, Limits, Memory


class Front:
    """Counts what really happens. ``status`` is what it answers."""

    def __init__(self, **limits: Any) -> None:
        found = Limits(**limits)
        self.wall = 1_000.0
        self.memory = Memory(found.idempotency_answers_per_user_max)
        self.once = Idempotency(self.memory, found, lambda: self.wall)
        self.done: list[Request] = []
        self.status = 200

    def handle(self, request: Request) -> Response:
        self.done.append(request)
        return Response(self.status, b'{"statusCode":0,"count":%d}' % len(self.done))

    def post(self, *keys: bytes, user: User = AGENT, method: str = "POST", **request: Any) -> Response:
        fields = {"path": "/me/calls/A", "query": "", "body": b"{}", **request}
        headers = [(b"accept", b"*/*"), *((b"idempotency-key", key) for key in keys)]
        return self.once.once(headers, Request(user, method, **fields), self.handle)


@pytest.fixture
def front() -> Front:
    return Front()


def test_a_repeated_request_gets_the_first_answer_and_nothing_is_done(front: Front) -> None:
    first = front.post(b"k")
    assert front.post(b"k") == first
    assert len(front.done) == 1


def test_without_a_key_everything_is_done(front: Front) -> None:
    assert front.post() != front.post()
    assert len(front.done) == 2


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_changes_no_call_needs_no_key(front: Front, method: str) -> None:
    front.post(b"k", method=method)
    front.post(b"k", method=method)
    assert len(front.done) == 2


def test_put_is_meant_too(front: Front) -> None:
    assert front.post(b"k", method="PUT") == front.post(b"k", method="PUT")
    assert len(front.done) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT"},
        {"path": "/me/calls/B"},
        {"query": "a=b"},
        {"body": b"{ }"},
        {"path": "/me/calls/", "query": "A"},
        {"path": "/me/\udcff"},
    ],
)
def test_the_key_of_another_request_is_refused_and_the_first_answer_stays(front: Front, other: dict[str, Any]) -> None:
    first = front.post(b"k")
    refused = front.post(b"k", **other)
    assert (refused.status, json.loads(refused.body)["statusCode"]) == (422, 10)
    assert front.post(b"k") == first
    assert len(front.done) == 1


def test_keys_are_each_users_own(front: Front) -> None:
    front.post(b"k")
    front.post(b"k", user=OLGA, body=b"other")
    front.post(b"K")
    assert len(front.done) == 3


@pytest.mark.parametrize("status", [400, 404, 500])
def test_errors_are_first_answers_too(front: Front, status: int) -> None:
    front.status = status
    first = front.post(b"k")
    front.status = 200
    assert front.post(b"k") == first
    assert len(front.done) == 1


def test_whoever_is_asked_to_try_later_may_try(front: Front) -> None:
    front.status = answers.SERVICE_UNAVAILABLE
    front.post(b"k")
    front.status = 200
    assert front.post(b"k").status == 200
    assert front.post(b"k").status == 200
    assert len(front.done) == 2


def test_answers_are_kept_for_a_day(front: Front) -> None:
    front.post(b"k")
    front.wall += 86_399.0
    front.post(b"k")
    assert len(front.done) == 1
    front.wall += 1.0
    front.post(b"k", body=b"another request now")
    assert len(front.done) == 2
    front.post(b"k", body=b"another request now")
    assert len(front.done) == 2


@pytest.mark.parametrize("keys", [(b"",), (b"x" * 9,), (b"a", b"b"), (b"a", b"a")])
def test_a_key_that_is_none_is_refused(keys: tuple[bytes, ...]) -> None:
    front = Front(idempotency_key_length_max=8)
    refused = front.post(*keys)
    assert (refused.status, json.loads(refused.body)["statusCode"]) == (400, 10)
    assert "1 to 8 characters" in json.loads(refused.body)["statusMessage"]
    assert front.done == []
    assert front.post(b"x" * 8).status == 200


def test_the_oldest_goes_first() -> None:
    front = Front(idempotency_answers_per_user_max=2)
    for key in (b"a", b"b", b"c"):
        front.post(key)
    front.post(b"olga's", user=OLGA)
    for key in (b"b", b"c"):
        front.post(key)
    assert len(front.done) == 4
    front.post(b"a")
    assert len(front.done) == 5


def test_what_is_over_takes_no_memory() -> None:
    memory = Memory(10)
    kept = [Kept(b"", answers.ACCEPTED, until) for until in (5.0, 6.0, 20.0)]
    for key, one in zip((b"a", b"b", b"c"), kept, strict=True):
        memory.keep("me", key, one, 1.0)
    assert memory.find("me", b"a") == kept[0]
    memory.keep("me", b"d", kept[2], 6.0)
    assert [memory.find("me", key) for key in (b"a", b"b", b"c", b"d")] == [None, None, kept[2], kept[2]]
    assert memory.find("somebody", b"a") is None
