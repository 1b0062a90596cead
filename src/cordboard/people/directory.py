"""Look-ups between users, devices and numbers, both ways. Built once from the configuration, never changed.

Deliberately absent: passwords being checked (``server.auth``), what a number does when it is called (``calls``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from cordboard.people.model import RECORDING_FEATURE, Tenant, TrunkNumber, User
from cordboard.people.services import Service


class Destination(msgspec.Struct, frozen=True, gc=False):
    """Where a dialled text leads: the canonical number, and whether it lies beyond a trunk."""

    number: str
    external: bool = False


class Written(msgspec.Struct, frozen=True):
    """What a directory is made of, but for passwords and services: enough to find out again where calls went."""

    users: tuple[User, ...]
    tenants: tuple[Tenant, ...]
    trunk_numbers: tuple[TrunkNumber, ...]
    outside: str


class Directory:
    """All users, numbers and tenants of one configuration. Serves the board as its numbering plan (``find``).

    What ``outside`` matches whole is a number beyond the trunk, too, unless it is one of ours.
    """

    def __init__(
        self,
        users: Iterable[User],
        tenants: Iterable[Tenant],
        trunk_numbers: Iterable[TrunkNumber],
        outside: re.Pattern[str] | None = None,
        services: Iterable[Service] = (),
    ) -> None:
        self._outside = outside
        self.users = tuple(users)
        self.tenants = {tenant.id: tenant for tenant in tenants}
        self.trunk_numbers = tuple(trunk_numbers)
        self.services = {service.number: service for service in services}
        self._trunk_names = {trunk.number: trunk.name for trunk in self.trunk_numbers}
        self._by_tenant: dict[str, list[User]] = {}
        for user in self.users:
            self._by_tenant.setdefault(user.tenant.id, []).append(user)
        self._by_name = {user.name: user for user in self.users}
        self._by_id = {user.id: user for user in self.users}
        self._by_number = {user.device.number: user for user in self.users}
        self._by_device = {user.device.id: user for user in self.users}
        self._recorders = frozenset(user.device.number for user in self.users if RECORDING_FEATURE in user.features)
        self._destinations = {number: Destination(number) for number in self._by_number}
        for trunk in self.trunk_numbers:
            self._destinations.setdefault(trunk.number, Destination(trunk.number, external=True))

    def written(self) -> Written:
        users = tuple(msgspec.structs.replace(user, password_hash="") for user in self.users)
        outside = self._outside.pattern if self._outside is not None else ""
        return Written(users, tuple(self.tenants.values()), self.trunk_numbers, outside)

    @classmethod
    def of(cls, written: Written) -> Directory:
        """The directory that this was written of."""
        outside = re.compile(written.outside) if written.outside else None
        return cls(written.users, written.tenants, written.trunk_numbers, outside)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every canonical number, users' first, then those beyond the trunk."""
        return tuple(self._destinations)

    @property
    def knows_outside(self) -> bool:
        """Whether there are numbers beyond the trunk."""
        return bool(self.trunk_numbers) or self._outside is not None

    def user_named(self, name: str) -> User | None:
        return self._by_name.get(name)

    def user(self, user_id: str) -> User | None:
        return self._by_id.get(user_id)

    def colleagues(self, user: User) -> Sequence[User]:
        """Everybody of this user's tenant. Of others nobody is told anything."""
        return self._by_tenant[user.tenant.id]

    def owner_of(self, number: str) -> User | None:
        """The user whose device has this canonical number; None for trunk numbers and strangers."""
        return self._by_number.get(number)

    def charged_to(self, number: str) -> User | None:
        """The user whose extension this is, be it a telephone or a service."""
        service = self.services.get(number)
        return service.owner if service is not None else self._by_number.get(number)

    def service(self, text: str, asker: User) -> Service | None:
        """The service with this number, canonical or short; short numbers count within the asker's tenant."""
        return self.services.get(text) or self.services.get(f"{asker.tenant.prefix}*{text}")

    def name_of(self, number: str) -> str:
        """What a number beyond the trunk is called; "" if it has no name."""
        return self._trunk_names.get(number, "")

    def owner_of_device(self, device_id: str) -> User | None:
        return self._by_device.get(device_id)

    def may_record(self, number: str) -> bool:
        """Whether the owner of this number may record calls (``calls.model.Recorders``)."""
        return number in self._recorders

    def find(self, dialled: str, caller: str) -> Destination | None:
        """The destination of what ``caller`` dialled: canonical, extended (``0003*5005``) or short (``210``) form.

        Short forms count within the caller's own tenant only.
        """
        found = self._destinations.get(dialled) or self._near(dialled, caller)
        if found is None and self._outside is not None and self._outside.fullmatch(dialled):
            return Destination(dialled, external=True)
        return found

    def _near(self, dialled: str, caller: str) -> Destination | None:
        prefix, star, short = dialled.partition("*")
        if star:
            return self._in_tenant(short, prefix)
        owner = self._by_number.get(caller)
        if owner is None or not owner.tenant.prefix:
            return None
        return self._destinations.get(f"{owner.tenant.prefix}*{dialled}")

    def _in_tenant(self, short: str, prefix: str) -> Destination | None:
        user = self._by_number.get(short)
        if user is None or user.tenant.prefix != prefix:
            return None
        return self._destinations[short]
