"""Calls that are begun by request: ``simple``, ``callback``, ``conferenceInvite`` (voipnow-uapi §2.3)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import msgspec

from cordboard.calls.commands import Dial
from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.uapi import bodies, problems
from cordboard.uapi.bodies import Fields
from cordboard.uapi.problems import Problem

_NUMBER = re.compile(r"^\+?[0-9]+(\*[0-9]+)?$")


class Begun(msgspec.Struct, frozen=True):
    """What to dial, and what of the request comes back with the answer."""

    command: Dial
    nonce: str | None


def simple(directory: Directory, user: User, fields: Fields, query: str) -> Begun | Problem:
    """A call between two parties: the source's telephone first, then the destination."""
    problem = _query_problem(dict(parse_qsl(query, keep_blank_values=True)))
    view = bodies.view_of(fields)
    if problem is not None or isinstance(view, Problem):
        return problem or problems.CREATE_VIEW_INVALID
    sources, destinations = bodies.texts(view, "source"), bodies.texts(view, "destination")
    if not sources or not _NUMBER.match(sources[0]):
        return problems.SOURCE_INVALID
    if len(sources) > 1:
        return problems.NOT_IMPLEMENTED
    source = directory.find(sources[0], user.device.number)
    if source is None:
        return problems.SOURCE_INVALID
    if not destinations or len(destinations) > 1:
        return problems.DESTINATION_INVALID
    destination = directory.find(destinations[0], user.device.number)
    if destination is None or destination.number == source.number:
        return problems.DESTINATION_INVALID
    caller_id = bodies.caller_id((fields, view), "callerDestination", "callerId", "callerID")
    if isinstance(caller_id, Problem):
        return caller_id
    command = Dial(asker=source.number, to=destination.number, caller_id=caller_id)
    return Begun(command, bodies.text(fields, "nonce") or None)


def _query_problem(given: dict[str, str]) -> Problem | None:
    if bodies.number(given, "waitForPickup", "waitForPickUp", least=1, most=3_600, default=25) is None:
        return problems.WAIT_INVALID
    if bodies.number(given, "callDuration", least=1, most=86_400, default=1) is None:
        return problems.DURATION_INVALID
    for name, problem in (
        ("allowPublicTransfer", problems.PUBLIC_TRANSFER_INVALID),
        ("video", problems.VIDEO_INVALID),
    ):
        if given.get(name, "false").lower() not in ("true", "false", "0", "1"):
            return problem
    return None
