"""docs/resources.md: what can be read, with answers as the server gives them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator

import msgspec
from tools.publish.stage import Stage
from tools.publish.telling import SITUATIONS, STORIES
from tools.publish.writing import json_block, page, placeholders, table

NAME = "resources.md"

_INTRODUCTION = """\
# Resources

What can be read with `GET`, below `/api/v2`. A collection is a list of uris, or of its items with `fields=*` or the
names of some fields; `limit` and `offset` count within it. A slash at the end makes no difference. Reading changes
nothing. What can be asked with `POST` is told with the [operations](operations/README.md).

In the examples 5005 is logged in, 5000 has called, and they talk. Ids are replaced by names in braces."""


class Resource(msgspec.Struct, frozen=True):
    """One route: who reads it with which requests, and who may not. ``play`` goes on from the common situation."""

    pattern: str
    say: str
    get: tuple[str, ...] = ()
    by: str = "5005"
    refused: str = ""
    play: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


def resources() -> list[Resource]:
    read = tomllib.loads((STORIES / "resources.toml").read_text("utf-8"))
    return msgspec.convert(read["resources"], list[Resource])


def text() -> str:
    found = resources()
    rows = [[f"[{one.pattern}](#{_anchor(one.pattern)})", one.say.partition(". ")[0].rstrip(".")] for one in found]
    parts = [part for one in found for part in _section(one)]
    return page(_INTRODUCTION, table(["resource", "what"], rows), *parts)


def _anchor(title: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return "".join(letter for letter in title.lower() if letter.isalnum() or letter == "-")


def _section(resource: Resource) -> Iterator[str]:
    yield f"## {resource.pattern}"
    yield resource.say
    stage = Stage(resource.features)
    stage.play(*SITUATIONS["logged_in"].play, *SITUATIONS["talking"].play, *resource.play)
    names = placeholders(stage)
    for get in resource.get:
        yield f"```\nGET /api/v2{get}\n```"
        status, answer = _read(stage, resource.by, get)
        if status != 200:
            raise ValueError(f"{get} is answered {status}: {answer}")
        yield json_block(answer, names)
    if resource.refused:
        status, answer = _read(stage, resource.refused, resource.get[0], resource.by)
        yield f"Asked by {resource.refused}, HTTP {status}:"
        yield json_block(answer, names)


def _read(stage: Stage, number: str, get: str, owner: str = "") -> tuple[int, object]:
    user = stage.user(owner or number)
    path = get.format(device=user.device.id, call=stage.calls[0], user=user.id, recording=f"{stage.calls[0]}-1")
    path, _, query = path.partition("?")
    response = stage.send(number, "GET", path, query=query)
    return response.status, json.loads(response.body)
