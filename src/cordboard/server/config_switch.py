"""``[switch]``: which switch carries the calls, and what each kind needs to know; and what must go together there."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cordboard.server.config_reading import Reader

PORT = r"([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""A pattern: 0 to 65535."""
ADDRESS = rf"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):{PORT}"
"""A pattern: HOST:PORT."""
_DIAL_STRING = r"[A-Za-z0-9_]+/[^\s{}]*\{number\}[^\s{}]*"

AnswerWay = Literal["notify", "auto", "nailed_up"]


class Virtual(msgspec.Struct, frozen=True):
    """``[switch.virtual]``. ``lab`` serves ``/lab/v1``, which moves the phones; ``exchange`` is where the exchange is
    if it is a process of its own."""

    lab: bool = False
    lines_per_phone: Annotated[int, Meta(ge=1, le=64)] = 4
    exchange: Annotated[
        str,
        Meta(
            pattern=rf"^({ADDRESS})?\Z",
            description='HOST:PORT of a "cordboard exchange", such as 127.0.0.1:8090, or "" for one of its own',
        ),
    ] = ""


class Asterisk(msgspec.Struct, frozen=True):
    """``[switch.asterisk]`` (docs/asterisk.md). ``endpoint`` and ``trunk`` are dial strings with ``{number}`` in them;
    ``answer`` is how telephones are made to answer whose user has no ``answer`` of its own."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~-]+)*/ari/?\Z",
            description="an http:// or https:// address that ends in /ari, such as http://127.0.0.1:8088/ari",
        ),
    ] = "http://127.0.0.1:8088/ari"
    user: Annotated[
        str, Meta(pattern=r"^[^:\x00-\x1f\x7f]{1,100}\Z", description="1 to 100 characters without a colon")
    ] = "cordboard"
    password: str = ""
    application: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z", description="1 to 64 letters, digits and _ . -")
    ] = "cordboard"
    ami: Annotated[
        str,
        Meta(
            pattern=rf"^([A-Za-z0-9._-]+:{PORT})?\Z",
            description='HOST:PORT, such as 127.0.0.1:5038, or "" for none',
        ),
    ] = ""
    ami_user: str = "cordboard"
    ami_password: str = ""
    endpoint: Annotated[
        str,
        Meta(
            pattern=rf"^{_DIAL_STRING}\Z",
            description='a dial string with {number} in it once, such as "PJSIP/{number}"',
        ),
    ] = "PJSIP/{number}"
    trunk: Annotated[
        str,
        Meta(
            pattern=rf"^({_DIAL_STRING})?\Z",
            description='a dial string with {number} in it once, such as "PJSIP/{number}@trunk", or "" for none',
        ),
    ] = ""
    music: Annotated[str, Meta(pattern=r"^[^\s]+\Z", description="a class in musiconhold.conf")] = "default"
    answer: AnswerWay = "notify"
    nail_number: str = "*55"
    registrations_refresh_s: Annotated[float, Meta(gt=0, le=86_400)] = 10.0
    message_lamps: bool = True
    message_lamps_refresh_s: Annotated[float, Meta(gt=0, le=86_400)] = 600.0

    def __repr__(self) -> str:
        """Without passwords: it ends up in log lines and tracebacks."""
        return f"Asterisk(url={self.url!r}, user={self.user!r}, application={self.application!r}, ami={self.ami!r})"


class Switch(msgspec.Struct, frozen=True):
    """``[switch]``: which switch carries the calls."""

    kind: Literal["virtual", "asterisk"] = "virtual"
    virtual: Virtual = Virtual()
    asterisk: Asterisk = Asterisk()


class Numbering(msgspec.Struct, frozen=True):
    """``[numbering]``: ``outside`` is a regular expression; what it matches whole can be dialled through the trunk."""

    outside: str = ""


def check_switch(reader: Reader, switch: Switch) -> None:
    """What a switch that is asked for can't be without."""
    if switch.kind != "asterisk":
        return
    asterisk = switch.asterisk
    if not asterisk.password:
        _demand(reader, "password", f'the password of "{asterisk.user}" in ari.conf')
    if asterisk.ami and not asterisk.ami_password:
        _demand(reader, "ami_password", f'the secret of "{asterisk.ami_user}" in manager.conf, as there is an ami')


def _demand(reader: Reader, name: str, what: str) -> None:
    key = f"switch.asterisk.{name}"
    if not reader.is_mistaken(key):
        reader.report(key, "nothing", f"{what}; it can be given as CORDBOARD_SWITCH__ASTERISK__{name.upper()}")
