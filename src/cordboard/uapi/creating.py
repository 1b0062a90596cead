"""Calls that are begun by request: ``simple``, ``callback``, ``conferenceInvite`` (voipnow-uapi §2.3).

Deliberately absent: whose extension it is (``scopes``), what is rung and for how long (``calls.operations.dialing``).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from cordboard.calls.commands import Dial
from cordboard.calls.model import Errand, Number
from cordboard.people.directory import Directory
from cordboard.people.model import User
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
    sources, destinations = _numbers(directory, view, "source", own), _numbers(directory, view, "destination", own)
    if not sources:
        return problems.SOURCE_INVALID
    if len(destinations) != 1 or destinations[0] in sources:
        return problems.DESTINATION_INVALID
    shown = [bodies.caller_id((fields, view), *names) for names in (("callerId", "callerID"), ("callerDestination",))]
    for one in shown:
        if isinstance(one, Problem):
            return one
    nonce = bodies.text(fields, "nonce")
    if nonce is None:
        return problems.NONCE_INVALID
    return Dial(
        asker=sources[0],
        to=destinations[0],
        also=tuple(sources[1:]),
        rings=sources[0] != own,
        announced_as=str(shown[0]),
        caller_id=str(shown[1]),
        ring_s=float(bodies.number(asked, *_WAIT, least=1, most=3_600, default=25) or 0),
        lasts_s=float(bodies.number(asked, "callDuration", least=1, most=86_400, default=0) or 0),
        pinned=asked.get("allowPublicTransfer", "false").lower() in _FALSE,
        errand=Errand(own, nonce),
    )


_WAIT = ("waitForPickup", "waitForPickUp")


def _numbers(directory: Directory, view: Fields, name: str, asker: Number) -> list[Number]:
    """The canonical numbers that are named, each once; none if one of them is no number of this system."""
    texts = bodies.texts(view, name) or ()
    routes = [directory.find(text, asker) if _NUMBER.match(text) else None for text in texts]
    found = [route.number for route in routes if route is not None]
    return list(dict.fromkeys(found)) if len(found) == len(texts) else []


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
