"""Apps, people and a clock to try OAuth with: ``crm`` speaks for anna alone, ``board`` for everybody of North."""

from __future__ import annotations

from urllib.parse import urlencode

from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, User
from cordboard.server import passwords
from cordboard.server.apps import App, Register
from cordboard.server.auth import Authenticator
from cordboard.server.grants import Limits, Memory
from cordboard.server.oauth import Tokens
from cordboard.server.oauth_asked import Answer, Asked

NORTH, SOUTH = Tenant("3", "North"), Tenant("4", "South")
SECRET = "s3cret"
BACK = "https://crm.example.org/back"
STATE = "0123456789abcdef"


def user(name: str, tenant: Tenant = NORTH) -> User:
    kept = passwords.conceal(f"{name}'s", name.encode())
    return User(f"id-{name}", name, kept, Device(f"device-{name}", name), tenant, first_name=name.title())


ANNA, OLGA, PAUL = user("anna"), user("olga"), user("paul", SOUTH)
CRM = App("crm", passwords.conceal(SECRET, b"1"), ANNA, "user", (BACK,), "The <CRM>")
BOARD = App("board", passwords.conceal(SECRET, b"2"), ANNA, "organization", (BACK, "http://127.0.0.1:9/b?c=d"))


class World:
    """Everything that the pages of OAuth need, with a clock that is set by hand."""

    def __init__(self, limits: Limits | None = None, apps: tuple[App, ...] = (CRM, BOARD)) -> None:
        self.instant = 1_000_000.0
        self.directory = Directory([ANNA, OLGA, PAUL], [NORTH, SOUTH], [])
        self.register = Register(apps)
        limits = limits or Limits()
        self.tokens = Tokens(self.register, self.directory, Memory(limits), limits, lambda: self.instant)
        self.authenticator = Authenticator(self.directory, self)

    def now(self) -> float:
        return self.instant

    def account(self, token: str) -> tuple[str, str, str] | None:
        """Whom a token speaks for: name, level, app."""
        found = self.tokens.account_of([(b"authorization", f"Bearer {token}".encode())], b"")
        return (found.user.name, found.level, found.app) if found is not None else None


def posted(fields: object = (), /, headers: dict[str, str] | None = None, **more: str) -> Asked:
    """A form; fields are pairs or names."""
    pairs = [*(fields if isinstance(fields, list) else []), *more.items()]
    return Asked("POST", "", {"content-type": "application/x-www-form-urlencoded", **(headers or {})}, encoded(pairs))


def got(headers: dict[str, str] | None = None, **fields: str) -> Asked:
    return Asked("GET", encoded(list(fields.items())).decode(), headers or {}, b"")


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs).encode()


def header(answer: Answer, name: str) -> str:
    return next((value.decode() for key, value in answer.headers if key == name.encode()), "")
