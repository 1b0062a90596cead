"""Phone calls as JSON (voipnow-uapi §2.1, §2.2, §2.6). NULL is left out; ``status`` is a text, ``flow`` a number.

A party that is no extension of ours has no view. ``source`` is who has been there longest, ``destination`` the others:
so a transfer rewrites both, and views keep their ids. The first that was called has view 00 and its caller 01, as in
the printed example.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from cordboard.calls.model import CallState, Number
from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.uapi.chronicle import Party, PhoneCall

Json: TypeAlias = "dict[str, Any]"

LOCAL, OUTGOING, INCOMING = 2, 4, 8
_RUNG = (CallState.RINGING, CallState.OFFERED)


class Views:
    """Writes phone calls. ``base`` begins links; ``wall`` makes seconds since 1970 of an instant of the board's."""

    def __init__(self, directory: Directory, base: str, wall: Callable[[float], float]) -> None:
        self._directory = directory
        self._base = base
        self._wall = wall

    # -- a phone call ----------------------------------------------------------------------------------------------

    def phone_call(self, call: PhoneCall) -> Json:
        """All of it, as List and the actions answer."""
        owner = self._owner(call)
        views = [self._view(call, party) for party in call.parties.values() if self._is_local(party.number)]
        return {
            **self._head(call, owner),
            **({"ownerId": owner.tenant.id, "ownerName": owner.tenant.name} if owner is not None else {}),
            "published": self._date(call.published),
            **self._dated("answered", call.answered),
            "phoneCallView": sorted(views, key=lambda view: str(view["id"])),
            **self._links(call, owner),
        }

    def short(self, call: PhoneCall, nonce: str | None = None) -> Json:
        """What is enough for a call that was begun, and for 202 (§1.6, §2.3)."""
        owner = self._owner(call)
        return {
            **self._head(call, owner),
            **({"nonce": nonce} if nonce is not None else {}),
            **self._links(call, owner),
        }

    def _head(self, call: PhoneCall, owner: User | None) -> Json:
        return {"id": call.id, "extension": owner.device.number if owner is not None else ""}

    def _links(self, call: PhoneCall, owner: User | None) -> Json:
        """Both spellings: clients read one or the other (§1.5)."""
        user, extension = (owner.id, owner.device.number) if owner is not None else ("@me", "@self")
        link = {"self": f"{self._base}/uapi/phoneCalls/{user}/{extension}/{call.id}"}
        return {"links": link, "link": link}

    def _owner(self, call: PhoneCall) -> User | None:
        """Whose call it is: the local party that has been in it longest."""
        for party in sorted(call.parties.values(), key=lambda party: party.seat):
            user = self._directory.owner_of(party.number)
            if user is not None:
                return user
        return None

    # -- its views -------------------------------------------------------------------------------------------------

    def _is_local(self, number: Number) -> bool:
        return self._directory.owner_of(number) is not None

    def _view(self, call: PhoneCall, party: Party) -> Json:
        source, destination = ends(call)
        peer = next((one for one in call.parties.values() if one is not party), None)
        ringing = party.came if party.call.state in _RUNG else 0.0
        return {
            "id": view_id(party),
            "extension": party.number,
            **self._dated("ringing", ringing),
            **self._dated("answered", party.answered),
            "status": status(call, party),
            **({"callerId": self._caller_id(peer.number)} if peer is not None else {}),
            "source": source,
            "destination": destination,
            "flow": self._flow(call),
            **self._dated("recording", party.recording),
            **self._on_hold(call, party),
        }

    def _on_hold(self, call: PhoneCall, party: Party) -> Json:
        """``holder`` is 1 on the view of who holds."""
        holding = [one for one in call.parties.values() if one.held]
        if not holding:
            return {}
        since = party.held or min(one.held for one in holding)
        return {"onHold": self._date(since), "holder": 1 if party.held else 0}

    def _flow(self, call: PhoneCall) -> int:
        parties = sorted(call.parties.values(), key=lambda party: party.seat)
        if all(self._is_local(party.number) for party in parties):
            return LOCAL
        return OUTGOING if self._is_local(parties[0].number) else INCOMING

    def _caller_id(self, number: Number) -> str:
        user = self._directory.owner_of(number)
        name = f"{user.first_name} {user.last_name}".strip() if user is not None else self._directory.name_of(number)
        return f"{name or number} <{number}>"

    # -- dates -----------------------------------------------------------------------------------------------------

    def _date(self, instant: float) -> str:
        moment = datetime.fromtimestamp(self._wall(instant), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _dated(self, name: str, instant: float) -> Json:
        return {name: self._date(instant)} if instant else {}


def view_id(party: Party) -> str:
    """Two digits. Of the first two parties the one that was called is 00 (§5, 10)."""
    seat = party.seat ^ 1 if party.seat < 2 else party.seat
    return f"{seat:02d}"


def ends(call: PhoneCall) -> tuple[list[Number], list[Number]]:
    """Who called and who was called, in the connection as it is now."""
    parties = sorted(call.parties.values(), key=lambda party: party.seat)
    others = [party.number for party in parties[1:]]
    # Whoever is alone waits for somebody who does not ring yet.
    return [parties[0].number], others or list(parties[0].call.participants)


def status(call: PhoneCall, party: Party) -> str:
    """1 off hook, 2 trying, 3 ringing here, 4 ringing there, 5 on call."""
    state = party.call.state
    if state in _RUNG:
        return "3"
    others = [one.call.state for one in call.parties.values() if one is not party]
    if state is CallState.DIALING:
        return "4" if any(other in _RUNG for other in others) else "2"
    return "5" if any(other not in _RUNG for other in others) else "4"
