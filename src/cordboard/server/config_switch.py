"""``[switch]``: which switch carries the calls, and what each kind needs to know. Values only."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

AnswerWay = Literal["notify", "auto", "nailed_up"]


class Virtual(msgspec.Struct, frozen=True):
    """``[switch.virtual]``. ``lab`` serves ``/lab/v1``, which moves the phones."""

    lab: bool = False
    lines_per_phone: Annotated[int, Meta(ge=1, le=64)] = 4


class Asterisk(msgspec.Struct, frozen=True):
    """``[switch.asterisk]`` (docs/asterisk.md). ``endpoint`` and ``trunk`` are dial strings with ``{number}`` in them;
    ``answer`` is how telephones are made to answer whose user has no ``answer`` of its own."""

    url: Annotated[
        str, Meta(pattern=r"^https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/-]*)?\Z", description="where ARI is")
    ] = "http://127.0.0.1:8088/ari"
    user: str = "cordboard"
    password: str = ""
    application: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z", description="1 to 64 letters, digits and _ . -")
    ] = "cordboard"
    ami: Annotated[
        str,
        Meta(pattern=r"^([A-Za-z0-9._-]+:[0-9]{1,5})?\Z", description='HOST:PORT, or ""'),
    ] = ""
    ami_user: str = "cordboard"
    ami_password: str = ""
    endpoint: str = "PJSIP/{number}"
    trunk: str = ""
    music: str = "default"
    answer: AnswerWay = "notify"
    nail_number: str = "*55"


class Switch(msgspec.Struct, frozen=True):
    """``[switch]``: which switch carries the calls."""

    kind: Literal["virtual", "asterisk"] = "virtual"
    virtual: Virtual = Virtual()
    asterisk: Asterisk = Asterisk()


class Numbering(msgspec.Struct, frozen=True):
    """``[numbering]``: ``outside`` is a regular expression; what it matches whole can be dialled through the trunk."""

    outside: str = ""
