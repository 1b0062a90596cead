"""Judges telephones and trunk as Asterisk has them configured. Dry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec

from cordboard.server.doctor.findings import Finding, listed, ok, problem, unseen, warning

Attributes: TypeAlias = Mapping[str, str]
"""The options of an endpoint, as pjsip.conf calls them."""

_CODEC_MODULES = {
    "alaw": "codec_alaw",
    "g722": "codec_g722",
    "g726": "codec_g726",
    "g729": "codec_g729",
    "gsm": "codec_gsm",
    "ilbc": "codec_ilbc",
    "opus": "codec_opus",
    "speex": "codec_speex",
    "ulaw": "codec_ulaw",
}
"""What turns voices into something that can be mixed. A module counts if its name begins so."""


class Phone(msgspec.Struct, frozen=True):
    """A telephone: its number, and the endpoint that its dial string names, such as PJSIP/15000."""

    number: str
    endpoint: str


def endpoint_of(dial_string: str) -> str:
    """The endpoint in a dial string: PJSIP/15000, PJSIP/15000@trunk, PJSIP/trunk/sip:15000@192.0.2.1."""
    technology, _, rest = dial_string.partition("/")
    name, slash, _ = rest.partition("/")
    return f"{technology}/{name if slash else name.rpartition('@')[2]}"


def judge_telephones(phones: Sequence[Phone], states: Mapping[str, str]) -> Finding:
    """``states`` are those of all endpoints."""
    missing = [f"{phone.endpoint} ({phone.number})" for phone in phones if phone.endpoint not in states]
    online = sum(states.get(phone.endpoint) == "online" for phone in phones)
    if missing:
        return problem(
            "telephones",
            f"{len(missing)} of {len(phones)} are unknown to Asterisk: {listed(missing)}",
            "pjsip.conf or pjsip_wizard.conf: a section of that name; or endpoint of [switch.asterisk] or of the user",
        )
    if not phones:
        return warning("telephones", "the configuration has no users", "[[users]] in cordboard's configuration")
    return ok("telephones", f"all {len(phones)} are known, {online} of them registered now")


def judge_settings(phones: Mapping[str, Attributes]) -> Finding:
    """Settings of telephones, by number, without which operations fail."""
    if not phones:
        return unseen("settings", "Asterisk does not show how telephones are configured")
    direct = [number for number, options in phones.items() if options.get("direct_media", "false") != "false"]
    fixed = [number for number, options in phones.items() if options.get("allow_transfer", "true") != "true"]
    if direct:
        return problem(
            "settings",
            f"voices of {listed(direct)} can pass Asterisk by: they can't be moved or recorded",
            "pjsip.conf or pjsip_wizard.conf: direct_media = no",
        )
    if fixed:
        return warning(
            "settings",
            f"the transfer key of {listed(fixed)} is refused",
            "pjsip.conf or pjsip_wizard.conf: allow_transfer = yes",
        )
    return ok("settings", "voices go through Asterisk, transfer keys are allowed")


def judge_codecs(phones: Mapping[str, Attributes], running: Collection[str]) -> Finding:
    """Whether the voices that telephones may agree on can be mixed."""
    if not phones:
        return unseen("codecs", "Asterisk does not show how telephones are configured")
    mute = []
    lacking: dict[str, None] = {}
    allowed: dict[str, None] = {}
    for number, options in phones.items():
        codecs = _codecs(options)
        unmixable = [codec for codec in codecs if not _is_mixable(codec, running)]
        allowed.update(dict.fromkeys(codecs))
        lacking.update(dict.fromkeys(unmixable))
        if len(unmixable) == len(codecs):
            mute.append(number)
    modules = listed([f"load = {_CODEC_MODULES[codec]}.so" for codec in lacking], len(lacking))
    if mute:
        named = f"{listed(mute)} may speak only what Asterisk can't mix ({', '.join(lacking)})"
        return problem("codecs", named, f"modules.conf: {modules}; or allow = ulaw,alaw")
    if lacking:
        found = f"telephones may speak {', '.join(lacking)}, which Asterisk can't mix with others"
        return warning("codecs", found, f"modules.conf: {modules}; or leave it out of allow")
    return ok("codecs", f"{', '.join(allowed)}: all can be mixed")


def _codecs(options: Attributes) -> list[str]:
    return [codec for codec in options.get("allow", "").strip("()").split("|") if codec]


def _is_mixable(codec: str, running: Collection[str]) -> bool:
    module = _CODEC_MODULES.get(codec)
    return module is None or any(name.startswith(module) for name in running)


def judge_trunk(trunk: str, states: Mapping[str, str], *, wanted: bool) -> Finding:
    """``trunk`` is its dial string; ``wanted`` if the configuration speaks of numbers beyond it."""
    if not trunk:
        if wanted:
            change = "trunk in [switch.asterisk], or neither [[trunk_numbers]] nor numbering.outside"
            return problem("trunk", "there are numbers outside, and no trunk to dial them", change)
        return ok("trunk", "none is configured")
    endpoint = endpoint_of(trunk)
    state = states.get(endpoint)
    if state is None:
        return problem(
            "trunk",
            f"{endpoint} is unknown to Asterisk",
            "pjsip.conf or pjsip_wizard.conf: a section of that name; or trunk in [switch.asterisk]",
        )
    if state != "online":
        return warning("trunk", f"{endpoint} is {state}", "pjsip.conf or pjsip_wizard.conf: its address (contact)")
    return ok("trunk", f"{endpoint} is there")
