"""Calls that are begun by request: ``simple``, ``callback``, ``conferenceInvite`` (voipnow-uapi §2.3).

Deliberately absent: whose extension it is (``scopes``), what is rung and for how long (``calls.operations.dialing``).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from cordboard.calls.commands import Dial, Invite
from cordboard.calls.model import Errand, Number
from cordboard.people.directory import Destination, Directory
from cordboard.people.model import User
from cordboard.people.services import Callback, Conference
from cordboard.uapi import bodies, problems
from cordboard.uapi.bodies import Fields
from cordboard.uapi.problems import Problem

_NUMBER = re.compile(r"^\+?[0-9]+(\*[0-9]+)?$")
_TRUE, _FALSE = ("true", "1"), ("false", "0")


def simple(directory: Directory, user: User, fields: Fields, query: str) -> Dial | Problem:
    """A call between two parties: the sources first, then the destination. The user's own telephone goes off hook by
    itself; others ring, as nobody's microphone is to be opened by somebody else."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    problem = _query_problem(asked)
    view = bodies.view_of(fields)
    if problem is not None or isinstance(view, Problem):
        return problem or problems.CREATE_VIEW_INVALID
    own = user.device.number
    sources, destinations = _routes(directory, view, "source", own), _routes(directory, view, "destination", own)
    if not sources:
        return problems.SOURCE_INVALID
    if len(destinations) != 1 or destinations[0] in sources:
        return problems.DESTINATION_INVALID
    pinned = asked.get("allowPublicTransfer", "false").lower() in _FALSE
    return _dial(asked, fields, view, own, sources, destinations[0], rings=sources[0].number != own, pinned=pinned)


def callback(directory: Directory, service: Callback, fields: Fields, query: str) -> Dial | Problem:
    """A call between two numbers outside, charged to the callback extension."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    problem = _query_problem(asked)
    view = bodies.view_of(fields)
    if problem is not None or isinstance(view, Problem):
        return problem or problems.CREATE_VIEW_INVALID
    asker = service.owner.device.number
    sources, destinations = _routes(directory, view, "source", asker), _routes(directory, view, "destination", asker)
    if not sources or not all(source.external for source in sources):
        return problems.SOURCE_INVALID
    if len(destinations) != 1 or not destinations[0].external or destinations[0] in sources:
        return problems.DESTINATION_INVALID
    return _dial(asked, fields, view, service.number, sources, destinations[0], rings=True, pinned=False)


def invitation(directory: Directory, service: Conference, fields: Fields, query: str) -> Invite | Problem:
    """Somebody is called into a room of the conference extension, which samples name as the source, too."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    problem = _query_problem(asked)
    view = bodies.view_of(fields)
    if problem is not None or isinstance(view, Problem):
        return problem or problems.CREATE_VIEW_INVALID
    room = service.room(asked.get("number", ""))
    if room is None:
        return problems.CONFERENCE_NUMBER_INVALID
    if not service.admits(asked.get("number", ""), asked.get("pin", "")):
        return problems.CONFERENCE_PIN_INVALID
    sources, owner = bodies.texts(view, "source"), service.owner
    if sources is None or any(directory.service(source, owner) is not service for source in sources):
        return problems.SOURCE_INVALID
    destinations = _routes(directory, view, "destination", owner.device.number)
    if len(destinations) != 1:
        return problems.DESTINATION_INVALID
    shown = bodies.caller_id((fields, view), "callerDestination", "callerId", "callerID")
    nonce = bodies.text(fields, "nonce")
    if isinstance(shown, Problem) or nonce is None:
        return shown if isinstance(shown, Problem) else problems.NONCE_INVALID
    return Invite(
        asker=service.number,
        room=room,
        to=destinations[0].number,
        ring_s=_ring_s(asked),
        caller_id=shown,
        errand=Errand(service.number, nonce),
    )


def _dial(
    asked: dict[str, str],
    fields: Fields,
    view: Fields,
    charged: Number,
    sources: list[Destination],
    destination: Destination,
    *,
    rings: bool,
    pinned: bool,
) -> Dial | Problem:
    at_source = bodies.caller_id((fields, view), "callerId", "callerID")
    at_destination = bodies.caller_id((fields, view), "callerDestination")
    nonce = bodies.text(fields, "nonce")
    if isinstance(at_source, Problem) or isinstance(at_destination, Problem):
        return problems.CALLER_ID_INVALID
    if nonce is None:
        return problems.NONCE_INVALID
    return Dial(
        asker=sources[0].number,
        to=destination.number,
        also=tuple(source.number for source in sources[1:]),
        rings=rings,
        announced_as=at_source,
        caller_id=at_destination,
        ring_s=_ring_s(asked),
        lasts_s=float(bodies.number(asked, "callDuration", least=1, most=86_400, default=0) or 0),
        pinned=pinned,
        errand=Errand(charged, nonce),
    )


_WAIT = ("waitForPickup", "waitForPickUp")


def _ring_s(asked: dict[str, str]) -> float:
    return float(bodies.number(asked, *_WAIT, least=1, most=3_600, default=25) or 0)


def _routes(directory: Directory, view: Fields, name: str, asker: Number) -> list[Destination]:
    """Where the numbers that are named lead, each once; nowhere if one of them is no number of this system."""
    texts = bodies.texts(view, name) or ()
    routes = [directory.find(text, asker) if _NUMBER.match(text) else None for text in texts]
    found = [route for route in routes if route is not None]
    by_number = {route.number: route for route in found}
    return list(by_number.values()) if len(found) == len(texts) else []


def _query_problem(given: dict[str, str]) -> Problem | None:
    if bodies.number(given, *_WAIT, least=1, most=3_600, default=25) is None:
        return problems.WAIT_INVALID
    if bodies.number(given, "callDuration", least=1, most=86_400, default=1) is None:
        return problems.DURATION_INVALID
    for name, problem in (
        ("allowPublicTransfer", problems.PUBLIC_TRANSFER_INVALID),
        ("video", problems.VIDEO_INVALID),
    ):
        if given.get(name, "false").lower() not in (*_TRUE, *_FALSE):
            return problem
    return None
