"""How a test telephone is set up, as its owner would do it in its menus. Known to both sides of the pipe."""

from __future__ import annotations

import re

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a telephone is set up, as its owner would do it in its menus."""

    number: str
    tone_hz: int
    sip_port: int = 0
    rtp_port: int = 0
    # Where the exchange is, host:port; empty for telephones that call one another.
    registrar: str = ""
    # False for the trunk, whom the exchange knows by its address.
    registers: bool = True
    password: str = "cordboard"
    # never · headers: when the INVITE asks for it (Call-Info answer-after=0, Alert-Info auto-answer) · always
    auto_answer: str = "never"
    # Do not disturb: the code that every INVITE is refused with; 0 lets it ring.
    refuse: int = 0
    # The key of the second line: false for telephones (gateways, soft clients) that leave the first line talking.
    holds_others: bool = True
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    log: str = ""


def header(message: str, name: str) -> str:
    """The value of the first header of this name, or nothing."""
    found = re.search(rf"^{name}[ \t]*:[ \t]*(.*?)\r?$", message, re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""


def answers_itself(auto_answer: str, message: str) -> bool:
    """What Asterisk's users set for the makes that know them: Call-Info (Snom, Cisco …) or Alert-Info (Yealink …)."""
    return auto_answer == "always" or (
        auto_answer == "headers"
        and ("answer-after=0" in header(message, "Call-Info") or "auto" in header(message, "Alert-Info").lower())
    )
