"""Actions on phone calls: which command of the law of calls each one is (voipnow-uapi §2.4).

Every action is done by one party of the call, so it is a command of that party's number. Deliberately absent: whether
it may be done now (``calls.permits``), which calls a path means (``scopes``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cordboard.calls import commands
from cordboard.calls.commands import AnyCommand, AnyTakingCommand
from cordboard.calls.model import CallState, MonitorKind, MonitorMode, Number
from cordboard.people.directory import Directory
from cordboard.uapi import bodies, problems
from cordboard.uapi.bodies import Fields
from cordboard.uapi.chronicle import Party, PhoneCall
from cordboard.uapi.problems import Problem
from cordboard.uapi.views import view_id

Maker: TypeAlias = "Callable[[PhoneCall, Number, Fields], AnyCommand | Problem]"
"""Makes the command of an action on one call; the number is the extension of ours in it that the path is about."""

_KINDS = {"BargeIn": MonitorKind.BARGE_IN, "Monitor": MonitorKind.LISTEN_IN, "Whisper": MonitorKind.COACH}

ACTIONS = frozenset(
    {
        *("OnHold", "OffHold", "StartRecording", "StopRecording", "Transfer", "TransferToVoicemail"),
        *("Park", "UnPark", "PickUp"),
        *_KINDS,
    }
)
"""Their names."""


class Actions:
    """All actions by their names, which are matched exactly."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._makers: dict[str, Maker] = {
            "OnHold": lambda call, own, fields: self._by_view(call, own, fields, commands.Hold),
            "OffHold": lambda call, own, fields: self._by_view(call, own, fields, commands.Retrieve),
            "StartRecording": self._start_recording,
            "StopRecording": lambda call, own, fields: self._by_view(call, own, fields, commands.StopRecording),
            "Transfer": self._transfer,
            "Park": self._park,
            "UnPark": self._un_park,
            "TransferToVoicemail": self._to_voicemail,
            "PickUp": self._pick_up,
            **{name: self._supervising(kind) for name, kind in _KINDS.items()},
        }

    def find(self, fields: Fields) -> Maker | Problem:
        name = bodies.text(fields, "action")
        maker = self._makers.get(name or "")
        return maker if maker is not None else problems.ACTION_INVALID

    # -- by a view -------------------------------------------------------------------------------------------------

    def _by_view(self, call: PhoneCall, own: Number, fields: Fields, kind: type[AnyCommand]) -> AnyCommand | Problem:
        party = self._party(call, own, fields)
        return party if isinstance(party, Problem) else _command(kind, party)

    def _party(self, call: PhoneCall, own: Number, fields: Fields) -> Party | Problem:
        """The party whose view is named; the path's own extension if none is."""
        named = bodies.text(fields, "phoneCallViewId")
        if named == "":
            return call.parties.get(own, problems.VIEW_INVALID)
        found = (party for party in call.parties.values() if view_id(party) == (named or "").zfill(2))
        party = next(found, None)
        shown = party is not None and (bool(party.parked) or self._is_ours(party.number))
        return party if party is not None and shown else problems.VIEW_INVALID

    def _is_ours(self, number: Number) -> bool:
        return self._directory.owner_of(number) is not None

    def _start_recording(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        if bodies.text(fields, "format") not in ("", "wav", "wav49"):
            return problems.FORMAT_INVALID
        return self._by_view(call, own, fields, commands.StartRecording)

    # -- transfer --------------------------------------------------------------------------------------------------

    def _transfer(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        """Blind: the transferor leaves at once (§2.4.9)."""
        transferor = self._transferor(call, own, fields)
        if isinstance(transferor, Problem):
            return transferor
        problem = self._moved_problem(call, transferor, fields)
        if problem is not None:
            return problem
        to = bodies.text(fields, "sendCallTo")
        route = self._directory.find(bodies.plain(to), own) if to else None
        if route is None or route.number in call.parties:
            return problems.SEND_CALL_TO_INVALID
        return commands.SingleStepTransfer(asker=transferor.number, call=transferor.call.id, to=route.number)

    def _to_voicemail(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        """``transferNumber`` lands in the mailbox; whoever talks with it transfers, unless that is said (§2.4.10)."""
        moved = self._numbered(call, own, bodies.text(fields, "transferNumber"))
        if moved is None:
            return problems.TRANSFER_NUMBER_INVALID
        named = bodies.text(fields, "transferFromNumber")
        others = [one for one in call.parties.values() if one is not moved]
        transferor = others[0] if named == "" and others else self._numbered(call, own, named)
        if transferor is None or transferor is moved:
            return problems.TRANSFER_FROM_INVALID
        mailbox = self._terminal(bodies.text(fields, "sendCallTo"), own)
        if isinstance(mailbox, Problem):
            return mailbox
        return commands.TransferToVoicemail(asker=transferor.number, call=transferor.call.id, mailbox=mailbox)

    def _transferor(self, call: PhoneCall, own: Number, fields: Fields) -> Party | Problem:
        """Who gives the call away: by number, or, as samples of 2015 have it, by view."""
        named = bodies.text(fields, "transferFromNumber")
        if named == "":
            if bodies.text(fields, "phoneCallViewId") == "":
                return problems.TRANSFER_FROM_INVALID
            return self._party(call, own, fields)
        party = self._numbered(call, own, named)
        if party is None:
            return problems.TRANSFER_FROM_INVALID
        if bodies.text(fields, "phoneCallViewId") != "" and self._party(call, own, fields) is not party:
            return problems.VIEW_INVALID
        return party

    def _moved_problem(self, call: PhoneCall, transferor: Party, fields: Fields) -> Problem | None:
        named = bodies.text(fields, "transferNumber")
        if named == "":
            return problems.TRANSFER_NUMBER_INVALID if len(call.parties) > 2 else None
        moved = self._numbered(call, transferor.number, named)
        return problems.TRANSFER_NUMBER_INVALID if moved is None or moved is transferor else None

    def _numbered(self, call: PhoneCall, asker: Number, text: str | None) -> Party | None:
        """The party with this number, short, extended or with a plus."""
        if not text:
            return None
        text = bodies.plain(text)
        route = self._directory.find(text, asker)
        for number in (text, text.removeprefix("+"), f"+{text}", route.number if route is not None else ""):
            if number in call.parties:
                return call.parties[number]
        return None

    # -- parking, and taking what is somebody else's ----------------------------------------------------------------

    def _park(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        """The party of the view is parked by the other one; one that talks with a number outside parks that, as it has
        no view by which it could be named (docs/decisions/0015)."""
        named = bodies.text(fields, "phoneCallViewId") != ""
        party = self._party(call, own, fields)
        if isinstance(party, Problem):
            return party
        seconds = bodies.number(fields, "maxInParking", least=10, most=3_600, default=0)
        if seconds is None:
            return problems.PARKING_INVALID
        others = [one for one in call.parties.values() if one is not party and self._is_ours(one.number)]
        parker = others[0] if named and len(others) == 1 else party
        whom = ""
        if named and len(call.parties) > 2 and others:  # of a conference, by whom the path is about if that is in it
            parker, whom = next((one for one in others if one.number == own), others[0]), party.number
        user = self._directory.owner_of(parker.number)
        lot = user.tenant.id if user is not None else ""
        return commands.Park(asker=parker.number, call=parker.call.id, lot=lot, for_s=float(seconds), whom=whom)

    def _un_park(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        return self._take(commands.UnPark, call, own, fields, [one for one in call.parties.values() if one.parked])

    def _pick_up(self, call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
        rings = [one for one in call.parties.values() if one.call.state is CallState.RINGING]
        return self._take(commands.PickUp, call, own, fields, rings)

    def _take(
        self, kind: type[AnyTakingCommand], call: PhoneCall, own: Number, fields: Fields, meant: list[Party]
    ) -> AnyCommand | Problem:
        """A view says whose call it is; without one it is that which is meant (``meant``), if there is just one."""
        if bodies.text(fields, "phoneCallViewId") == "" and len(meant) == 1:
            party: Party | Problem = meant[0]
        else:
            party = self._party(call, own, fields)
        if isinstance(party, Problem):
            return party
        taker = self._terminal(bodies.text(fields, "sendCallTo"), own)
        if isinstance(taker, Problem):
            return taker
        calling = _calling(fields)
        if isinstance(calling, Problem):
            return calling
        ring_s, shown = calling
        return kind(asker=taker, whose=party.number, call=party.call.id, ring_s=ring_s, caller_id=shown)

    # -- supervisors -----------------------------------------------------------------------------------------------

    def _supervising(self, kind: MonitorKind) -> Maker:
        def make(call: PhoneCall, own: Number, fields: Fields) -> AnyCommand | Problem:
            party = self._party(call, own, fields)
            if isinstance(party, Problem):
                return party
            private = bodies.text(fields, "private")
            if private not in ("", "0", "1"):
                return problems.PRIVATE_INVALID
            listener = self._terminal(bodies.text(fields, "sendCallTo"), own)
            if isinstance(listener, Problem):
                return listener
            calling = _calling(fields)
            if isinstance(calling, Problem):
                return calling
            ring_s, shown = calling
            way = MonitorKind.PROMPT if private == "1" and kind is MonitorKind.COACH else kind
            once = MonitorMode.NEXT_CALL
            return commands.Monitor(
                asker=listener, target=party.number, kind=way, mode=once, ring_s=ring_s, caller_id=shown
            )

        return make

    def _terminal(self, text: str | None, own: Number) -> Number | Problem:
        """A telephone of the same organisation."""
        route = self._directory.find(bodies.plain(text), own) if text else None
        user = self._directory.owner_of(route.number) if route is not None else None
        home = self._directory.owner_of(own)
        if user is None or home is None or user.tenant != home.tenant:
            return problems.SEND_CALL_TO_NO_TERMINAL
        return user.device.number


def _command(kind: type[AnyCommand], party: Party) -> AnyCommand:
    return kind(asker=party.number, call=party.call.id)  # type: ignore[call-arg]  # all of these take just that


def _calling(fields: Fields) -> tuple[float, Number] | Problem:
    """How the telephone that is wanted is called: for how long it rings, and what it shows."""
    ring_s = bodies.number(fields, "waitForPickup", "waitForPickUp", least=1, most=3_600, default=25)
    if ring_s is None:
        return problems.WAIT_INVALID
    shown = bodies.caller_id((fields,), "callerId", "callerID")
    return shown if isinstance(shown, Problem) else (float(ring_s), shown)
