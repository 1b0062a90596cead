"""Reads ``[[apps]]``, in a configuration and in the file beside it that ``cordboard apps add`` writes.

Deliberately absent: writing that file (``app_store``), finding apps (``apps``).
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.server.apps import App
from cordboard.server.config_reading import Mistake, Reader, nearest
from cordboard.server.config_tables import Own, Tables
from cordboard.server.passwords import conceal, is_argon2

_SALT_BYTES = 16

_TEXT = r"([A-Za-z0-9._~:@!$&'()*+,;=/?-]|%[0-9A-Fa-f]{2})*"

Level = Literal["user", "organization", "administrator"]
RedirectUri = Annotated[
    str,
    Meta(
        pattern=rf"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?(/{_TEXT})?(\?{_TEXT})?\Z",
        description="an http:// or https:// address without #, such as https://crm.example.org/back",
    ),
]


class AppTable(msgspec.Struct, frozen=True, kw_only=True):
    client_id: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_.~-]{1,100}\Z", description="1 to 100 letters, digits and _ . ~ -")
    ]
    client_secret: Annotated[
        str, Meta(pattern=r"^[!-~]{0,200}\Z", description="up to 200 printable ASCII characters without spaces")
    ] = ""
    client_secret_hash: str = ""
    user: str
    level: Level = "user"
    redirect_uris: tuple[RedirectUri, ...] = ()
    name: Annotated[
        str, Meta(pattern=r"^[^\x00-\x1f\x7f]{0,100}\Z", description="up to 100 characters on one line")
    ] = ""


def read_apps(reader: Reader, found: object, directory: Directory, taken: Mapping[str, App] | None = None) -> list[App]:
    """The apps in ``found``, which must be others than those ``taken``. Mistakes are left with ``reader``; with any,
    the result is not to be used."""
    own = Own(reader)
    for client_id in taken or ():
        own.claim("client_id", "the configuration", client_id)
    apps = []
    for key, table in Tables(reader, "apps").read(AppTable, found).items():
        own.claim("client_id", f"{key}.client_id", table.client_id)
        user = _user(reader, f"{key}.user", table.user, directory)
        secret = _secret(reader, key, table)
        if user is not None:
            apps.append(App(table.client_id, secret, user, table.level, table.redirect_uris, table.name))
    return apps


def read_store(path: Path, directory: Directory, taken: Mapping[str, App]) -> tuple[list[App], list[Mistake]]:
    """The apps in a file that holds nothing else, and what is wrong with it. A file that is not there holds none."""
    reader = Reader(str(path), {})
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        reader.report("", error.strerror or str(error), "a file that can be read")
        return [], reader.mistakes
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reader.report("", str(error), "a TOML document in UTF-8")
        return [], reader.mistakes
    for name in document.keys() - {"apps"}:
        reader.report(name, "an unknown key", "[[apps]] only")
    return read_apps(reader, document.get("apps", []), directory, taken), reader.mistakes


def _user(reader: Reader, key: str, named: str, directory: Directory) -> User | None:
    """The user with this name, or else this id."""
    user = directory.user_named(named) or directory.user(named)
    if user is None and not reader.is_mistaken(key):
        names = [user.name for user in directory.users]
        reader.mistake(key, named, f"the name or id of a user{nearest(named, names)}")
    return user


def _secret(reader: Reader, key: str, table: AppTable) -> str:
    unread = reader.is_mistaken(f"{key}.client_secret") or reader.is_mistaken(f"{key}.client_secret_hash")
    if bool(table.client_secret) == bool(table.client_secret_hash) and not unread:
        found = "both" if table.client_secret else "neither"
        reader.report(key, found, "one of client_secret (plain text) and client_secret_hash (argon2)")
    if table.client_secret_hash and not is_argon2(table.client_secret_hash):
        reader.mistake(f"{key}.client_secret_hash", "", "an argon2 hash, such as $argon2id$v=19$m=65536,t=3,p=4$...")
    return table.client_secret_hash or conceal(table.client_secret, secrets.token_bytes(_SALT_BYTES))
