"""How a test telephone is set up, as its owner would do it in its menus. Known to both sides of the pipe."""

from __future__ import annotations

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a telephone is set up, as its owner would do it in its menus."""

    number: str
    tone_hz: int
    sip_port: int = 0
    rtp_port: int = 0
    registrar: str = ""
    password: str = "cordboard"
    # never · headers: when the INVITE asks for it (Call-Info answer-after=0, Alert-Info auto-answer) · always
    auto_answer: str = "never"
    # Do not disturb: the code that every INVITE is refused with; 0 lets it ring.
    refuse: int = 0
    # The key of the second line: false for telephones (gateways, soft clients) that leave the first line talking.
    holds_others: bool = True
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    log: str = ""
