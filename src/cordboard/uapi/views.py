"""Phone calls as JSON (voipnow-uapi §2.1, §2.2, §2.6). NULL is left out; ``status`` is a text, ``flow`` a number.

A party that is no extension of ours has no view, unless it is parked: then it could not be named. ``source`` is who has
been there longest, ``destination`` the others: so a transfer rewrites both, and views keep their ids. The first that
was called has view 00 and its caller 01, as in the printed example.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from cordboard.calls.model import CallState, Number, Reason
from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.uapi.chronicle import Ended, Party, PhoneCall, ends, waits_in_room

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
        shown = self._head(call, owner)
        if owner is not None:
            shown["ownerId"], shown["ownerName"] = owner.tenant.id, owner.tenant.name
        shown["published"] = self._date(call.published)
        if call.answered:
            shown["answered"] = self._date(call.answered)
        shown["nonce"] = call.nonce or call.id
        shown["phoneCallView"] = self._views(call)
        self._add_links(shown, owner)
        return shown

    def short(self, call: PhoneCall, nonce: str | None = None) -> Json:
        """What is enough for a call that was begun, and for 202 (§1.6, §2.3)."""
        owner = self._owner(call)
        shown = self._head(call, owner)
        if nonce is not None:
            shown["nonce"] = nonce
        self._add_links(shown, owner)
        return shown

    def _head(self, call: PhoneCall, owner: User | None) -> Json:
        """The extension is the one that is charged: that of whoever it was begun for, or its owner's."""
        return {"id": call.id, "extension": call.charged or (owner.device.number if owner is not None else "")}

    def _add_links(self, shown: Json, owner: User | None) -> None:
        """Both spellings: clients read one or the other (§1.5)."""
        place = f"{owner.id}/{shown['extension']}" if owner is not None else "@me/@self"
        shown["links"] = shown["link"] = {"self": f"{self._base}/uapi/phoneCalls/{place}/{shown['id']}"}

    def _owner(self, call: PhoneCall) -> User | None:
        """Whose call it is: of whom it was begun for, else of the local party that has been in it longest, else of who
        has parked the one who is left."""
        charged = self._directory.charged_to(call.charged) if call.charged else None
        if charged is not None:
            return charged
        for number in call.parties:
            user = self._directory.owner_of(number)
            if user is not None:
                return user
        return self._directory.owner_of(call.parked_by)

    def record(self, ended: Ended, now: float) -> Json:
        """What is left of a phone call that is over (§3.5)."""
        caller, called = ended.connection
        local = [(view_id(one), one.number, one.answered) for one in ended.parties if self._is_local(one.number)]
        seen = local or [("00", ended.charged, ended.answered)]  # nobody of ours was in it: as a service sees it
        extension = ended.charged or seen[0][1]
        owner = self._directory.charged_to(extension)
        flow = LOCAL if self._is_local(caller) and self._is_local(called) else INCOMING
        began_here = self._is_local(caller) or ended.charged in self._directory.services
        flow = OUTGOING if flow == INCOMING and began_here else flow
        seconds = round(now - ended.answered) if ended.answered else 0
        views: list[Json] = [
            {
                "id": view,
                "extension": number,
                "source": [caller],
                "destination": [called],
                "flow": flow,
                "disposition": disposition(ended),
                "duration": seconds,
                **self._dated("answered", answered),
            }
            for view, number, answered in seen
        ]
        return {
            "id": ended.id,
            "extension": extension,
            **({"ownerId": owner.tenant.id, "ownerName": owner.tenant.name} if owner is not None else {}),
            "published": self._date(ended.published),
            **self._dated("answered", ended.answered),
            "phoneCallView": sorted(views, key=lambda view: str(view["id"])),
        }

    def address(self, path: str) -> str:
        """The absolute address of a collection."""
        return self._base + path.rstrip("/")

    # -- its views -------------------------------------------------------------------------------------------------

    def _is_local(self, number: Number) -> bool:
        return self._directory.owner_of(number) is not None

    def _views(self, call: PhoneCall) -> list[Json]:
        source, destination = ends(call)
        flow, held = self._flow(call), 0.0
        for party in call.parties.values():
            if party.held:
                held = min(held or party.held, party.held)
        views = []
        for party in call.parties.values():
            if party.parked or self._is_local(party.number):
                view = self._view(call, party)
                view["source"], view["destination"], view["flow"] = source, destination, flow
                if held:  # ``holder`` is 1 on the view of who holds
                    view["onHold"], view["holder"] = self._date(party.held or held), 1 if party.held else 0
                views.append(view)
        views.sort(key=_BY_ID)
        return views

    def _view(self, call: PhoneCall, party: Party) -> Json:
        """What is one party's own."""
        peer = next((one.number for one in call.parties.values() if one is not party), None)
        peer = party.call.connects_to or peer or (call.charged if waits_in_room(call, party) else None)
        view: Json = {"id": view_id(party), "extension": party.number}
        if party.call.state in _RUNG:
            view["ringing"] = self._date(party.came)
        if party.answered:
            view["answered"] = self._date(party.answered)
        view["status"] = status(call, party)
        if peer is not None:
            view["callerId"] = self._caller_id(peer)
        if party.recording:
            view["recording"] = self._date(party.recording)
        where = party.call.parked
        if where is not None:
            view |= {"parked": self._date(party.parked), "parkedPos": where.slot, "parkedBy": where.by}
        return view

    def _flow(self, call: PhoneCall) -> int:
        first = next(iter(call.parties.values()))
        to = first.call.connects_to
        if all(map(self._directory.owner_of, call.parties)) and (not to or self._is_local(to)):
            return LOCAL
        began_here = self._is_local(first.number) or call.charged in self._directory.services
        return OUTGOING if began_here else INCOMING

    def _caller_id(self, number: Number) -> str:
        user = self._directory.owner_of(number)
        name = f"{user.first_name} {user.last_name}".strip() if user is not None else self._directory.name_of(number)
        return f"{name or number} <{number}>"

    # -- dates -----------------------------------------------------------------------------------------------------

    def _date(self, instant: float) -> str:
        return date(int(self._wall(instant)))

    def _dated(self, name: str, instant: float) -> Json:
        return {name: self._date(instant)} if instant else {}


@lru_cache(maxsize=4_096)
def date(seconds: int) -> str:
    """Seconds since 1970 as a date. Remembered: a call shows the same few again and again."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_DISPOSITIONS = {
    Reason.BUSY: 1,
    Reason.UNREACHABLE: 2,
    Reason.INVALID_NUMBER: 2,
    Reason.SWITCH_ERROR: 2,
    Reason.SWITCH_LOST: 2,
    Reason.NO_ANSWER: 3,
    Reason.REJECTED: 3,
}


def disposition(ended: Ended) -> int:
    """0 answered, 1 busy, 2 failed, 3 no answer (also: hung up before that)."""
    if ended.answered:
        return 0
    return max((_DISPOSITIONS.get(party.call.reason, 0) for party in ended.parties), default=0) or 3


_FIRST_TWO = ("01", "00")
_BY_ID = itemgetter("id")


def view_id(party: Party) -> str:
    """Two digits. Of the first two parties the one that was called is 00 (§5, 10)."""
    seat = party.seat
    return _FIRST_TWO[seat] if seat < 2 else f"{seat:02d}"


def status(call: PhoneCall, party: Party) -> str:
    """1 off hook, 2 trying, 3 ringing here, 4 ringing there, 5 on call."""
    state = party.call.state
    if state in _RUNG:
        return "3"
    if party.parked or party.call.mailbox or waits_in_room(call, party):
        return "5"
    others = [one.call.state for one in call.parties.values() if one is not party]
    if state is CallState.DIALING:
        return "4" if any(other in _RUNG for other in others) else "2"
    return "5" if any(other not in _RUNG for other in others) else "4"
