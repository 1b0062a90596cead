"""Users, devices and tenants as frozen values. Ids and hashes are made elsewhere (``server.config``)."""

from __future__ import annotations

import msgspec

VOICE_FEATURE = "api-voice"
"""Without it nobody operates on calls, devices or agent states (gws-v2 §1.2). By default everybody has it."""

RECORDING_FEATURE = "api-voice-recording"
"""Without it nobody records calls, or sees that they are recorded (call-semantics decision 11)."""

MONITORING_FEATURE = "api-supervisor-monitoring"
"""Without it nobody monitors others, whatever the roles (gws-v2 §1.2)."""


class Tenant(msgspec.Struct, frozen=True):
    """A customer of the system. ``prefix`` begins its extended numbers, as in ``0003*210``; "" if it has none."""

    id: str
    name: str
    prefix: str = ""


class Device(msgspec.Struct, frozen=True):
    """A telephone on a desk. ``id`` is a UUID text, ``number`` its canonical number, ``workplace`` where it
    stands, by the name that clients may ask for when they log in. ``endpoint`` and ``answer`` are how a switch of wires
    dials it and makes it answer, where that differs from the others; "" if it does not."""

    id: str
    number: str
    workplace: str = ""
    endpoint: str = ""
    answer: str = ""


class User(msgspec.Struct, frozen=True):
    """Somebody who logs in. ``roles``: agent, supervisor, admin. ``id`` is 32 lower-case hex unless configured."""

    id: str
    name: str
    password_hash: str
    device: Device
    tenant: Tenant
    roles: tuple[str, ...] = ("agent",)
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    features: tuple[str, ...] = (VOICE_FEATURE,)

    @property
    def supervises(self) -> bool:
        """Whether this user may listen in, coach and barge in."""
        return "supervisor" in self.roles and MONITORING_FEATURE in self.features


class Account(msgspec.Struct, frozen=True):
    """Whom a program speaks for that is registered as an app: ``user``, and how far that reaches. ``level`` is "user"
    (that user alone), "organization" (everybody of the user's tenant) or "administrator" (everybody)."""

    user: User
    level: str = "user"
    app: str = ""


class TrunkNumber(msgspec.Struct, frozen=True):
    """A public number that is reached over a trunk."""

    number: str
    name: str = ""
