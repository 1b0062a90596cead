"""Routes: one authenticated request in, its answer out, or what has to be done before it can be answered.

Plain functions, no transport. Deliberately absent: authentication, body limits, waiting for the switch (``server``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, assert_never
from urllib.parse import parse_qsl

import msgspec

from cordboard.calls import commands
from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import CallState, Number, Refusal, RefusalKind
from cordboard.people.directory import Directory
from cordboard.people.services import Callback, Conference
from cordboard.uapi import bodies, creating, listing, paths, problems
from cordboard.uapi.actions import Actions
from cordboard.uapi.bodies import Fields
from cordboard.uapi.cdr import Cdr
from cordboard.uapi.chronicle import Chronicle, Party, PhoneCall
from cordboard.uapi.extensions import Extensions
from cordboard.uapi.paths import CREATES, SELF, Place
from cordboard.uapi.problems import Problem
from cordboard.uapi.requests import NO_CONTENT, Acting, Outcome, Request, Response, ok, refused
from cordboard.uapi.scopes import Scope, Scopes
from cordboard.uapi.views import Views

Handler: TypeAlias = "Callable[[Request, Place], Outcome | Problem]"

FIELDS = (
    *("id", "extension", "ownerId", "ownerName", "published", "answered", "nonce"),
    *("phoneCallView", "links", "link"),
)
FILTERS = ("id", "published")
_ARRAYS = frozenset({"Park"})
"""Actions that are answered with a list even for one call (§0, 4)."""


class UapiSettings(msgspec.Struct, frozen=True):
    """``base`` begins links; ``transfer_status`` is 200 or 202 (§1.6); ``transfer_all`` permits a transfer of all calls
    of an extension at once (§2.4.9)."""

    base: str = ""
    transfer_status: int = 200
    transfer_all: bool = True


class Uapi:
    """The front end. ``handle`` is all of it."""

    def __init__(
        self,
        directory: Directory,
        chronicle: Chronicle,
        settings: UapiSettings,
        wall: Callable[[float], float],
        extensions: Extensions | None = None,
        cdr: Cdr | None = None,
    ) -> None:
        self._extensions = extensions
        self._cdr = cdr
        self._directory = directory
        self._chronicle = chronicle
        self._settings = settings
        self._views = Views(directory, settings.base, wall)
        self._scopes = Scopes(directory, chronicle)
        self._actions = Actions(directory)
        self._phone_calls: dict[str, Handler] = {
            "GET": self._list,
            "POST": self._create,
            "PUT": self._act,
            "DELETE": self._hang_up,
        }

    def handle(self, request: Request) -> Outcome:
        """The answer to a request, whatever it is; nothing is raised for bad input."""
        place = paths.read(request.path)
        handler = self._handler(request.method, place.service) if place is not None else None
        if place is None or handler is None or not (place.extension or place.service == "cdr"):
            return refused(problems.NOT_IMPLEMENTED)
        outcome = handler(request, place)
        return refused(outcome) if isinstance(outcome, Problem) else outcome

    def _handler(self, method: str, service: str) -> Handler | None:
        if service == "extensions" and self._extensions is not None:
            return self._extensions.handle
        if service == "cdr" and self._cdr is not None:
            return self._cdr.handle
        return self._phone_calls.get(method) if service == "phoneCalls" else None

    # -- list ------------------------------------------------------------------------------------------------------

    def _list(self, request: Request, place: Place) -> Outcome | Problem:
        """A collection even for one id; a call that is gone is an empty one (§0, 3)."""
        query = listing.read(request.query, FILTERS, FIELDS)
        if isinstance(query, Problem):
            return query
        scope = self._scopes.find(request.account, place)
        if isinstance(scope, Problem):
            return scope
        rows = [self._views.phone_call(call) for call in scope.calls]
        address = self._settings.base + request.path.rstrip("/")
        return ok(listing.collection(rows, query, "published", address))

    # -- create ----------------------------------------------------------------------------------------------------

    def _create(self, request: Request, place: Place) -> Outcome | Problem:
        if place.extension not in CREATES or place.rest:
            return problems.NOT_IMPLEMENTED
        fields = bodies.read(request.body)
        if isinstance(fields, Problem):
            return fields
        extension = bodies.text(fields, "extension")
        if not extension or extension == SELF:
            return problems.EXTENSION_INVALID_HERE
        begun = self._begun(request, Place(place.service, place.user, extension), place.extension, fields)
        if isinstance(begun, Problem):
            return begun
        charged = begun.errand.charged if begun.errand is not None else begun.asker
        invited = begun.to if isinstance(begun, commands.Invite) else ""
        before = {call.id for call in self._chronicle.of(charged) if invited not in call.parties}

        def then(refusals: Sequence[Refusal | None]) -> Response:
            if refusals[0] is not None:
                return refused(_problem(refusals[0], begun))
            calls = [call for call in self._chronicle.of(charged) if call.id not in before or invited in call.parties]
            return ok([self._views.short(call, call.nonce or call.id) for call in calls])

        return Acting((begun,), then)

    def _begun(
        self, request: Request, place: Place, kind: str, fields: Fields
    ) -> commands.Dial | commands.Invite | Problem:
        """What begins a call for the extension that a place names; each kind wants an extension of its own type."""
        if kind == "simple":
            user = self._scopes.owner(request.account, place)
            if isinstance(user, Problem):
                return user
            return creating.simple(self._directory, user, fields, request.query)
        service = self._scopes.service(request.account, place)
        if isinstance(service, Callback) and kind == "callback":
            return creating.callback(self._directory, service, fields, request.query)
        if isinstance(service, Conference) and kind == "conferenceInvite":
            return creating.invitation(self._directory, service, fields, request.query)
        return service if isinstance(service, Problem) else problems.EXTENSION_INVALID_HERE

    # -- actions ---------------------------------------------------------------------------------------------------

    def _act(self, request: Request, place: Place) -> Outcome | Problem:
        fields = bodies.read(request.body)
        if isinstance(fields, Problem):
            return fields
        scope = self._scopes.find(request.account, place)
        if isinstance(scope, Problem):
            return scope
        make = self._actions.find(fields)
        if isinstance(make, Problem):
            return make
        action = str(fields["action"])
        on_transfer = action == "Transfer"
        if not scope.calls and scope.call_id:
            return problems.phone_call_invalid(on_transfer=on_transfer)
        if on_transfer and not scope.call_id and not self._settings.transfer_all:
            return problems.phone_call_invalid(on_transfer=True)
        made = [(call, make(call, scope.own(call), fields)) for call in scope.calls]
        if scope.call_id:
            call, command = made[0]
            if isinstance(command, Problem):
                return command
            return Acting((command,), lambda refusals: self._acted(call, command, refusals[0], action))
        return self._act_on_all([(call, one) for call, one in made if not isinstance(one, Problem)], on_transfer)

    def _of(self, call: PhoneCall, command: AnyCommand) -> PhoneCall:
        """The phone call that an action is answered by: who is parked out of a conference begins another one."""
        whom = command.whom if isinstance(command, commands.Park) else ""
        parked = (one for one in self._chronicle.of(whom) if whom in one.parties and one.parties[whom].parked)
        return next(parked, call) if whom else call

    def _acted(self, call: PhoneCall, command: AnyCommand, refusal: Refusal | None, action: str) -> Response:
        if refusal is not None:
            return refused(_problem(refusal, command))
        if action == "Transfer" and self._settings.transfer_status == 202:
            return ok(self._views.short(call), 202)
        shown = self._views.phone_call(self._of(call, command))
        return ok([shown] if action in _ARRAYS else shown)

    def _act_on_all(self, made: Sequence[tuple[PhoneCall, AnyCommand]], on_transfer: bool) -> Outcome:
        """All calls of an extension: those that can't are skipped."""
        if not made:
            return NO_CONTENT

        def then(refusals: Sequence[Refusal | None]) -> Response:
            done = [call for (call, _), refusal in zip(made, refusals, strict=True) if refusal is None]
            if not done:
                return NO_CONTENT
            short = on_transfer and self._settings.transfer_status == 202
            shown = [self._views.short(call) if short else self._views.phone_call(call) for call in done]
            return ok(shown, 202 if short else 200)

        return Acting(tuple(command for _, command in made), then)

    # -- hang up ---------------------------------------------------------------------------------------------------

    def _hang_up(self, request: Request, place: Place) -> Outcome | Problem:
        """Answers the calls that were hung up (§2.4.2)."""
        scope = self._scopes.find(request.account, place)
        if isinstance(scope, Problem):
            return scope
        if scope.call_id and not scope.calls:
            return NO_CONTENT
        number = dict(parse_qsl(request.query, keep_blank_values=True)).get("phoneNumber")
        if number is not None and not number:
            return problems.PHONE_NUMBER_INVALID
        wanted = [
            (self._views.short(call), command) for call in scope.calls for command in self._ending(scope, call, number)
        ]
        if not wanted:
            return NO_CONTENT

        def then(refusals: Sequence[Refusal | None]) -> Response:
            done = [shown for (shown, _), refusal in zip(wanted, refusals, strict=True) if refusal is None]
            if done:
                return ok(list({shown["id"]: shown for shown in done}.values()))
            first = next(refusal for refusal in refusals if refusal is not None)
            return refused(_problem(first, wanted[0][1]))

        return Acting(tuple(command for _, command in wanted), then)

    def _ending(self, scope: Scope, call: PhoneCall, number: str | None) -> list[AnyCommand]:
        """What ends a call, or the connection with one party of it; nothing if that party is not in it. An extension
        that is no party has parked the one who is left, or it is the call's as a whole."""
        own: Number = scope.own(call)
        party = call.parties.get(own)
        if number is None:
            return [_leaving(one) for one in ([party] if party is not None else call.parties.values())]
        number = bodies.plain(number)
        route = self._directory.find(number, own)
        other = call.parties.get(route.number if route is not None else number)
        if other is None:
            return []
        if party is not None and len(call.parties) > 2 and other is not party:
            return [commands.RemoveParticipant(asker=own, call=party.call.id, participant=other.number)]
        return [_leaving(party or other)]


def _leaving(party: Party) -> AnyCommand:
    """Whoever it rings at declines, everybody else hangs up."""
    kind = commands.Decline if party.call.state is CallState.RINGING else commands.Hangup
    return kind(asker=party.number, call=party.call.id)


def _problem(refusal: Refusal, command: AnyCommand) -> Problem:
    """What a refusal of the law of calls is here."""
    begins = isinstance(command, commands.Dial | commands.Invite)
    match refusal.kind:
        case RefusalKind.UNKNOWN_CALL:
            return problems.phone_call_invalid(on_transfer=isinstance(command, commands.SingleStepTransfer))
        case RefusalKind.BAD_DESTINATION if begins:
            return problems.DESTINATION_INVALID
        case RefusalKind.BAD_VALUE | RefusalKind.LIMIT_REACHED if isinstance(command, commands.Dial):
            return problems.SOURCE_INVALID
        case RefusalKind.BAD_DESTINATION:
            return problems.SEND_CALL_TO_INVALID
        case RefusalKind.UNKNOWN_PARTICIPANT if isinstance(command, commands.Park):
            return problems.VIEW_INVALID
        case RefusalKind.UNKNOWN_PARTICIPANT:
            return problems.PHONE_NUMBER_INVALID
        case RefusalKind.FORBIDDEN:
            return problems.ACCESS_DENIED
        case RefusalKind.SWITCH_UNAVAILABLE:
            return problems.UNAVAILABLE
        case RefusalKind.NOT_PERMITTED_NOW | RefusalKind.LIMIT_REACHED | RefusalKind.IN_USE | RefusalKind.BAD_VALUE:
            return problems.state_invalid(refusal.detail)
        case _:
            assert_never(refusal.kind)
