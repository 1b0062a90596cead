"""Whom a path means, and whether the account reaches that far (voipnow-uapi §1.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from cordboard.calls.model import Number
from cordboard.people.accounts import may_act_for
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.people.services import Service
from cordboard.uapi import problems
from cordboard.uapi.chronicle import Chronicle, PhoneCall
from cordboard.uapi.paths import SELF, Place
from cordboard.uapi.problems import Problem

ME = frozenset({"@me", "@viewer"})
OWNER = "@owner"
OwnerOf: TypeAlias = "Callable[[str, User], User | None]"
"""Whose extension a text names; short numbers are those of the user who asks."""


class Scope(msgspec.Struct, frozen=True):
    """What a request is about: the extensions that it names and the phone calls they are in."""

    numbers: tuple[Number, ...]
    calls: tuple[PhoneCall, ...]
    call_id: str = ""

    def own(self, call: PhoneCall) -> Number:
        """The extension that the request is about: in the call, whoever parked it, or for whom it was begun."""
        for number in self.numbers:
            if call.concerns(number):
                return number
        return ""


class Scopes:
    """Finds scopes."""

    def __init__(self, directory: Directory, chronicle: Chronicle) -> None:
        self._directory = directory
        self._chronicle = chronicle

    def find(self, account: Account, place: Place) -> Scope | Problem:
        """The calls that a path means. With an id there is one at most."""
        if len(place.rest) > 1:
            return problems.NOT_IMPLEMENTED
        call_id = place.rest[0] if place.rest else ""
        if place.extension == SELF:
            return self._of_user(account, place.user, call_id)
        number = self._number(account, place)
        if isinstance(number, Problem):
            return number
        return Scope((number,), _with_id(self._chronicle.of(number), call_id), call_id)

    def _number(self, account: Account, place: Place) -> Number | Problem:
        """The extension that a path names, be it a telephone or a service."""
        user = self.owner(account, place)
        if isinstance(user, User):
            return user.device.number
        service = self.service(account, place) if user is problems.EXTENSION_INVALID else user
        return service if isinstance(service, Problem) else service.number

    def _of_user(self, account: Account, segment: str, call_id: str) -> Scope | Problem:
        """All extensions of a user. An id alone is enough, whoever in reach has the call."""
        user = self._user(account, segment)
        if isinstance(user, Problem):
            return user
        own = user.device.number
        found = self._chronicle.find(call_id) if call_id else None
        if found is not None and segment in ME and not found.concerns(own):
            concerned = (*found.parties, found.parked_by, found.charged)
            own = next((number for number in concerned if self._reaches(account, number)), own)
        return Scope((own,), _with_id(self._chronicle.of(own), call_id), call_id)

    def _reaches(self, account: Account, number: Number) -> bool:
        user = self._directory.charged_to(number)
        return user is not None and may_act_for(account, user)

    def _user(self, account: Account, segment: str) -> User | Problem:
        if segment in ME:
            return account.user
        user = self._directory.user(segment)
        if user is None:
            return problems.USER_INVALID
        return user if may_act_for(account, user) else problems.ACCESS_DENIED

    def owner(self, account: Account, place: Place, owner_of: OwnerOf | None = None) -> User | Problem:
        """The user whose extension it is, which must be the one that the path names. ``owner_of`` finds the owner of
        an extension that is no telephone."""
        named = self._user(account, place.user) if place.user != OWNER else None
        if isinstance(named, Problem):
            return named
        asking = named or account.user
        find = owner_of or self._extension
        user = find(place.extension, asking)
        if user is None:
            return problems.EXTENSION_INVALID
        if not may_act_for(account, user):
            return problems.ACCESS_DENIED
        # The account's own user stands for everybody within its reach.
        if named is not None and named.id != user.id and place.user not in ME:
            return problems.EXTENSION_INVALID
        return user

    def service(self, account: Account, place: Place) -> Service | Problem:
        """The service that a path names."""
        found: list[Service] = []

        def owner_of(text: str, asking: User) -> User | None:
            service = self._directory.service(text, asking)
            found.extend([service] if service is not None else [])
            return service.owner if service is not None else None

        user = self.owner(account, place, owner_of)
        return user if isinstance(user, Problem) else found[0]

    def _extension(self, text: str, asking: User) -> User | None:
        """Whose telephone a text names, extended or short."""
        route = self._directory.find(text, asking.device.number)
        return self._directory.owner_of(route.number) if route is not None and not route.external else None


def _with_id(calls: Sequence[PhoneCall], call_id: str) -> tuple[PhoneCall, ...]:
    return tuple(call for call in calls if call_id in ("", call.id))
