"""docs/operations/README.md: every operation of the interface with its status, and what all of them have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tools.publish.contract import FAMILIES, NOT_OPERATIONS, missing
from tools.publish.operations_pages import served
from tools.publish.stage import Notified, Stage
from tools.publish.telling import OPERATIONS, SITUATIONS
from tools.publish.writing import json_block, page, placeholders, table

_INTRODUCTION = """\
# Operations

All that a client of Genesys Web Services v2 can ask for by `operationName`. Each page tells what the operation is for,
its parameters, when it is offered, a request with its answer, every notification that every party gets in that story,
and what is refused. Nothing there is written by hand but the words: the stories are played through the server's own
rooms each time the pages are made, and tests fail when a page tells something else than the server does.

Ids are replaced by names in braces. All parties of the stories have a client that listens to
`/v2/me/calls` and `/v2/me/devices`; whoever is not named in a list of notifications gets none."""

_ACCEPTED = """\
## What is accepted

`{"statusCode": 0}` means that the request is accepted, not that it is done: see
[decision 0002](../decisions/0002-accepted-is-not-done.md). A request that comes again with the same `Idempotency-Key`
header is answered again and not done again; another request with that key is answered 422, `statusCode` 10:
[decision 0006](../decisions/0006-a-key-is-used-once.md).

What fails later is told to whoever asked, as an `ErrorMessage`, and the calls are as they were. `errorCode` is a
`statusCode`. Here the switch refuses to put a call on hold:"""

_REFUSED = """\
## What is refused

A refusal changes nothing, and nobody is told of it. Each answer has `statusCode`, `statusMessage` and a fitting HTTP
status. For every operation, whatever its page says besides:"""

_OTHERS = """\
## Names that are no operations here

These are known from neighbouring interfaces, or sent by clients that can't know better. They are in no list of
capabilities, and are refused:"""


def text() -> str:
    absent = missing()
    return page(
        _INTRODUCTION,
        *_families(),
        "**Missing:** " + (", ".join(f"`{name}`" for name in absent) if absent else "nothing."),
        _ACCEPTED,
        _failure(),
        _REFUSED,
        table(["request", "HTTP", "statusCode", "statusMessage"], _refusals()),
        "Requests without valid credentials are answered 403 with `statusCode` 20, see [clients](../clients.md).",
        _OTHERS,
        table(["name", "HTTP", "statusCode", "why"], _not_operations()),
    )


def _families() -> Iterator[str]:
    for family in FAMILIES:
        yield f"## {family.title}\n\n`POST {family.url}`"
        rows = []
        for name in family.operations:
            known = served(name)
            rows.append([f"[{name}]({name}.md)" if known else name, _first_sentence(name), "" if known else "missing"])
        yield table(["operation", "what it does", "status"], [[*row[:2], row[2] or "served"] for row in rows])
        yield family.besides


def _first_sentence(name: str) -> str:
    story = OPERATIONS.get(name)
    if story is None:
        return ""
    return " ".join(story.what.split()).partition(". ")[0].rstrip(".") + "."


def _failure() -> str:
    stage = _talking()
    stage.play("fault fail HoldLeg")
    (told,) = (one for one in stage.play("5005 Hold A") if isinstance(one, Notified))
    return json_block({"channel": told.channel, "data": told.data}, placeholders(stage))


def _talking() -> Stage:
    stage = Stage()
    stage.play(*SITUATIONS["talking"].play)
    return stage


def _refusals() -> Iterator[list[str]]:
    """The same bad requests whatever the operation."""
    stage = _talking()
    call, nobodys = stage.path("5005", "A"), "/me/calls/0ABCDEFGH12345678900000000000002"
    bodies = [
        ("a body that is not JSON", call, b"Hold"),
        ("a body that is no object", call, b'["Hold"]'),
        ("no `operationName`", call, b"{}"),
        ("an `operationName` that is not known", call, b'{"operationName":"Fly"}'),
        ("a parameter of the wrong type", call, b'{"operationName":"SendDtmf","digits":1}'),
        ("a call that is not there, is over, or is somebody else's", nobodys, b'{"operationName":"Hold"}'),
    ]
    for what, path, body in bodies:
        yield _row(what, stage, "POST", path, body)
    yield _row(
        "asked by a user without the feature `api-voice`", stage, "POST", call, b'{"operationName":"Hold"}', "5003"
    )
    yield _row("another method", stage, "DELETE", call, b"")
    yield _row("another path", stage, "POST", "/me/calls/1/participants", b"{}")


def _row(what: str, stage: Stage, method: str, path: str, body: bytes, number: str = "5005") -> list[str]:
    response = stage.send(number, method, path, body)
    answer = json.loads(response.body)
    if answer["statusCode"] == 0:
        raise ValueError(f"{what} was accepted")
    return [what, str(response.status), str(answer["statusCode"]), answer["statusMessage"]]


def _not_operations() -> Iterator[list[str]]:
    stage = _talking()
    for name, why in NOT_OPERATIONS.items():
        body = json.dumps({"operationName": name}).encode()
        row = _row(name, stage, "POST", stage.path("5005", "A"), body)
        yield [f"`{name}`", row[1], row[2], why]
