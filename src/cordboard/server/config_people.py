"""Reads ``[[tenants]]``, ``[[users]]`` and ``[[trunk_numbers]]`` into a directory, and checks them against each other.

Ids that the file leaves out are made from names and numbers, so they are the same after every start. Deliberately
absent: settings (``config``), look-ups (``people.directory``).
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, TrunkNumber, User
from cordboard.server.config_reading import Reader, nearest
from cordboard.server.config_services import read_services
from cordboard.server.config_tables import Id, Number, Own, Tables
from cordboard.server.passwords import conceal, is_argon2

_NAMESPACE = uuid.UUID("5b6f2f0e-3c5e-5c0b-9b3d-7f1d4e2a9c11")
_SALT_BYTES = 16

Login = Annotated[
    str,
    Meta(
        pattern=r"^[^:\x00-\x1f\x7f]{1,100}\Z",
        description="1 to 100 characters without a colon (HTTP Basic can't carry one) or control characters",
    ),
]
Role = Literal["agent", "supervisor", "admin"]
Feature = Literal["api-voice", "api-voice-recording", "api-supervisor-monitoring", "api-supervisor-agent-control"]
"""Those of ``gws.views.FEATURES``: what cordboard has nothing for can't be promised to anybody."""


class TenantTable(msgspec.Struct, frozen=True):
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z", description="1 to 64 letters, digits and _ . -")]
    name: Annotated[str, Meta(min_length=1)]
    prefix: Annotated[str, Meta(pattern=r"^[0-9]{0,16}\Z", description="up to 16 digits")] = ""


class UserTable(msgspec.Struct, frozen=True):
    name: Login
    number: Number
    id: Id = ""
    password: str = ""
    password_hash: str = ""
    roles: tuple[Role, ...] = ("agent",)
    tenant: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    features: tuple[Feature, ...] = ("api-voice",)
    workplace: str = ""
    endpoint: Annotated[
        str,
        Meta(pattern=r"^([A-Za-z0-9_]+/\S+)?\Z", description='a dial string, such as "PJSIP/desk-7", or ""'),
    ] = ""
    answer: Literal["", "notify", "auto", "nailed_up"] = ""


class TrunkTable(msgspec.Struct, frozen=True):
    number: Number
    name: str = ""


DEFAULT_TENANT = Tenant(id="1", name="Default Organization")


def user_id(name: str) -> str:
    """The id of a user for whom the file names none: 32 lower-case hexadecimal digits (gws-v2 §1.1)."""
    return uuid.uuid5(_NAMESPACE, f"user {name}").hex


def device_id(number: str) -> str:
    """The UUID of the device with this number."""
    return str(uuid.uuid5(_NAMESPACE, f"device {number}"))


def read_directory(reader: Reader, people: Mapping[str, Any], outside: str = "") -> Directory:
    """The people of a configuration; ``outside`` matches numbers beyond the trunk that are not listed. Mistakes are
    left with ``reader``; with any, the result is not to be used."""
    tenants = Tables(reader, "tenants").read(TenantTable, people["tenants"])
    users = Tables(reader, "users").read(UserTable, people["users"])
    trunks = Tables(reader, "trunk_numbers").read(TrunkTable, people["trunk_numbers"])
    own = Own(reader)
    for key, tenant in tenants.items():
        own.claim("tenant id", f"{key}.id", tenant.id)
        own.claim("prefix", f"{key}.prefix", tenant.prefix)
    for key, user in users.items():
        if own.claim("name", f"{key}.name", user.name):
            own.claim("user id", f"{key}.id", user.id or user_id(user.name))
        if own.claim("number", f"{key}.number", user.number):
            own.claim("workplace", f"{key}.workplace", user.workplace or user.number)
    for key, trunk in trunks.items():
        own.claim("number", f"{key}.number", trunk.number)
    homes = {tenant.id: Tenant(tenant.id, tenant.name, tenant.prefix) for tenant in tenants.values()}
    homes = homes or {DEFAULT_TENANT.id: DEFAULT_TENANT}
    known = [_user(reader, key, table, homes) for key, table in users.items()]
    services = read_services(reader, people, known)
    for key, service in services.items():
        own.claim("number", f"{key}.number", service.number)
    return Directory(
        known,
        homes.values(),
        [TrunkNumber(trunk.number, trunk.name) for trunk in trunks.values()],
        _pattern(reader, outside),
        services.values(),
    )


def _pattern(reader: Reader, outside: str) -> re.Pattern[str] | None:
    try:
        return re.compile(outside) if outside else None
    except re.error as error:
        reader.mistake("numbering.outside", outside, f"a regular expression; this one has an error: {error}")
        return None


def _user(reader: Reader, key: str, table: UserTable, homes: Mapping[str, Tenant]) -> User:
    return User(
        id=table.id or user_id(table.name),
        name=table.name,
        password_hash=_password(reader, key, table),
        device=Device(
            device_id(table.number), table.number, table.workplace or table.number, table.endpoint, table.answer
        ),
        tenant=_tenant(reader, key, table.tenant, homes),
        roles=table.roles,
        first_name=table.first_name,
        last_name=table.last_name,
        email=table.email,
        features=table.features,
    )


def _tenant(reader: Reader, key: str, asked: str, homes: Mapping[str, Tenant]) -> Tenant:
    """The tenant that is asked for; a user who names none belongs to the only one there is."""
    first = next(iter(homes.values()))
    if not asked and len(homes) == 1:
        return first
    if asked not in homes:
        known = ", ".join(f'"{tenant_id}"' for tenant_id in homes)
        reader.mistake(f"{key}.tenant", asked or msgspec.UNSET, f"the id of a tenant: {known}{nearest(asked, homes)}")
    return homes.get(asked, first)


def _password(reader: Reader, key: str, table: UserTable) -> str:
    unread = reader.is_mistaken(f"{key}.password") or reader.is_mistaken(f"{key}.password_hash")
    if bool(table.password) == bool(table.password_hash) and not unread:
        found = "both" if table.password else "neither"
        reader.report(key, found, "one of password (plain text) and password_hash (argon2)")
    if table.password_hash and not is_argon2(table.password_hash):
        reader.mistake(f"{key}.password_hash", "", "an argon2 hash, such as $argon2id$v=19$m=65536,t=3,p=4$...")
    return table.password_hash or conceal(table.password, secrets.token_bytes(_SALT_BYTES))
