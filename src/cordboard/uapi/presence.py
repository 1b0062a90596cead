"""Presence: whether an extension is free, rings or talks, and whether it is registered (voipnow-uapi §3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cordboard.calls.model import CallState, Number
from cordboard.people.accounts import may_act_for
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.uapi import listing, problems
from cordboard.uapi.chronicle import Chronicle
from cordboard.uapi.paths import SELF, Place
from cordboard.uapi.problems import Problem
from cordboard.uapi.requests import Outcome, Request, ok
from cordboard.uapi.scopes import ME, Scopes

Json: TypeAlias = "dict[str, Any]"

FIELDS = ("extension", "status", "registration")
FILTERS = ("extension",)
UNKNOWN, ONLINE, RINGING, BUSY = "0", "1", "2", "3"
NOT_NEEDED = "2"
_REGISTRATIONS = {None: "0", True: "1", False: "-1"}


class Presence:
    """``…/{extension}/presence``. ``is_registered`` tells whether a telephone is, None if nobody knows; without it none
    needs to be. Without a link to the switch (``is_linked``) nothing is known of any."""

    def __init__(
        self,
        directory: Directory,
        chronicle: Chronicle,
        scopes: Scopes,
        base: str,
        is_linked: Callable[[], bool],
        is_registered: Callable[[Number], bool | None] | None = None,
    ) -> None:
        self._directory = directory
        self._chronicle = chronicle
        self._scopes = scopes
        self._base = base
        self._is_linked = is_linked
        self._is_registered = is_registered

    def handle(self, request: Request, place: Place) -> Outcome | Problem:
        query = listing.read(request.query, FILTERS, FIELDS)
        users = self._present(request.account, place)
        if isinstance(query, Problem) or isinstance(users, Problem):
            return query if isinstance(query, Problem) else users  # type: ignore[return-value]
        rows = [self._shown(user.device.number) for user in users]
        return ok(listing.collection(rows, query, "extension", self._base + request.path.rstrip("/")))

    def _present(self, account: Account, place: Place) -> list[User] | Problem:
        """One extension, or all that are within reach of a user's account."""
        if place.extension != SELF:
            user = self._scopes.owner(account, place)
            return user if isinstance(user, Problem) else [user]
        if place.user in ME:
            return [user for user in self._directory.users if may_act_for(account, user)]
        named = self._directory.user(place.user)  # of @owner, too, there is none: all extensions have no one owner
        if named is None:
            return problems.USER_INVALID
        return [named] if may_act_for(account, named) else problems.ACCESS_DENIED

    def _shown(self, number: Number) -> Json:
        registered: bool | None = True
        registration = NOT_NEEDED
        if self._is_registered is not None:
            registered = self._is_registered(number)
            registration = _REGISTRATIONS[registered]
        status = self._status(number, registered) if self._is_linked() else UNKNOWN
        telephone = {"agent": number, "registration": registration, "status": status}
        return {"extension": number, "status": status, "registration": [telephone]}

    def _status(self, number: Number, registered: bool | None) -> str:
        calls = [call for call in self._chronicle.of(number) if number in call.parties]  # what it parked keeps it free
        if any(call.parties[number].call.state is CallState.RINGING for call in calls):
            return RINGING
        if calls:
            return BUSY
        return UNKNOWN if registered is False else ONLINE
