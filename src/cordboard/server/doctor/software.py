"""Judges what an Asterisk is: its version, its modules, its clock, who is connected. Dry."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from cordboard.server.doctor.findings import Finding, listed, ok, problem, unseen, warning

_OLDEST: Final = (20, 0)
_RECOMMENDED: Final = (22, 10)
SKEW_MAX_S: Final = 2.0
"""How far clocks may differ before the times of two logs can't be compared."""

PROGRESS_OPERATION: Final = "POST /channels/{channelId}/transfer_progress"

_ARI = {
    "res_ari_applications": "who is connected",
    "res_ari_asterisk": "its version, its modules",
    "res_ari_bridges": "voices being connected",
    "res_ari_channels": "calls",
    "res_ari_endpoints": "telephones being looked at",
    "res_ari_events": "events",
    "res_ari_recordings": "recordings being fetched",
    "app_stasis": "calls reaching cordboard",
    "res_stasis_answer": "calls being answered",
    "res_stasis_recording": "recordings",
    "res_stasis_snoop": "supervisors",
    "bridge_simple": "two voices",
    "bridge_softmix": "conferences",
    "chan_bridge_media": "recordings of conversations",
    "codec_alaw": "G.711 A-law",
    "codec_ulaw": "G.711 mu-law",
    "format_wav": "recordings, music",
    "res_musiconhold": "music on hold",
}
_SIP = {
    "chan_pjsip": "telephones",
    "res_pjsip_header_funcs": "telephones that answer by themselves",
    "res_pjsip_refer": "the transfer key",
    "res_pjsip_registrar": "telephones that register",
    "res_pjsip_sdp_rtp": "voices of telephones",
    "res_pjsip_session": "calls of telephones",
    "res_rtp_asterisk": "voices of telephones",
}
_NOTIFY = {"res_pjsip_notify": "making telephones answer"}
_TIMING = "res_timing_"
"""One of these beats the time for conferences and music."""


def judge_refusal(status: int, url: str, user: str) -> Finding:
    """What a status means that refuses the first request."""
    match status:
        case 401:
            change = f"ari.conf: [{user}] and its password; or user and password in [switch.asterisk]"
            return problem("user", f'there is no user "{user}", or its password is another', change)
        case 404:
            change = "ari.conf: enabled = yes; modules.conf: load = res_ari.so; or url in [switch.asterisk]"
            return problem("address", f"a web server answers at {url}, but it has no ARI there", change)
        case 503:
            return problem("address", f"{url}: Asterisk is still starting", "nothing: wait, and try again")
        case _:
            return problem("address", f"{url} answers {status}", "url in [switch.asterisk]")


def judge_version(version: str) -> Finding:
    match = re.match(r"(?:certified/)?(\d+)\.(\d+)", version)
    if match is None:
        return unseen("version", f'"{version}" can\'t be compared with 22.10')
    found = (int(match[1]), int(match[2]))
    if found < _OLDEST:
        return problem("version", f"Asterisk {version} is older than 20", "install Asterisk 22.10 or newer")
    if found < _RECOMMENDED:
        why = "some transfers by telephones' keys crash releases before 22.10"
        return warning("version", f"Asterisk {version}: {why}", "install Asterisk 22.10 or newer")
    return ok("version", f"Asterisk {version}")


def judge_clock(skew_s: float) -> Finding:
    """``skew_s`` is how far Asterisk's clock is ahead of ours."""
    if abs(skew_s) <= SKEW_MAX_S:
        return ok("clock", f"within {SKEW_MAX_S:.0f} s of this machine's")
    way = "ahead of" if skew_s > 0 else "behind"
    return warning(
        "clock", f"{abs(skew_s):.0f} s {way} this machine's: logs can't be compared", "let both machines follow NTP"
    )


def judge_modules(running: Collection[str], *, sip: bool, notify: bool) -> Finding:
    """``running`` are names of modules, with or without ``.so``. What is needed depends on the telephones."""
    names = {name.removesuffix(".so") for name in running}
    needed = {**_ARI, **(_SIP if sip else {}), **(_NOTIFY if notify else {})}
    missing = [f"{name} ({what})" for name, what in needed.items() if name not in names]
    load = [name for name in needed if name not in names]
    if not any(name.startswith(_TIMING) for name in names):
        missing.append(f"{_TIMING}* (the beat of conferences and music)")
        load.append(f"{_TIMING}timerfd")
    if not missing:
        return ok("modules", f"{len(names)} are running, all that are needed among them")
    lines = listed([f"load = {name}.so" for name in load], len(load))
    return problem("modules", f"not running: {listed(missing, len(missing))}", f"modules.conf: {lines}")


def judge_transfers(operations: Collection[str]) -> Finding:
    """``operations`` are method and path of what ARI can do with channels."""
    if PROGRESS_OPERATION in operations:
        return ok("transfer key", "telephones are told how their transfers go")
    return warning(
        "transfer key",
        "this release can't tell telephones how their transfers go: their displays stay at it",
        "install Asterisk 22.10 or newer (20.13, 21.8 and 22.3 have it, too)",
    )


def judge_link(*, over_http: bool) -> Finding:
    if over_http:
        return warning(
            "websocket",
            "events come, but requests have to go over HTTP, at half the speed",
            "install Asterisk 22.10 or newer",
        )
    return ok("websocket", "events come, requests go over the same connection")


def judge_application(application: str, *, in_use: bool) -> Finding:
    if in_use:
        return ok(
            "application",
            f'a program drives "{application}", or calls of one are still up: it is not touched, and another that is'
            " started would take over",
        )
    return ok("application", f'"{application}" is free')


def judge_leftovers(channels: int, bridges: int, *, in_use: bool) -> Finding:
    """Channels and bridges of our application."""
    if not channels and not bridges:
        return ok("leftovers", "none")
    what = f"{channels} channels and {bridges} bridges"
    if in_use:
        return ok("leftovers", f"{what}, of the program that drives the application")
    return warning("leftovers", f"{what} of a former run", "start cordboard: it takes them over or ends them")


def judge_connections(limit: int, *, enough: bool) -> Finding:
    """How many connections the web server takes at once: ``limit``, which is ``enough`` or not."""
    if enough:
        return ok("connections", f"ARI's web server takes at least {limit} at once")
    found = f"ARI's web server takes no more than {limit} at once, browsers that are telephones included"
    return warning("connections", found, "http.conf, [general]: sessionlimit = 1000")


def operations_of(apis: Iterable[tuple[str, str]]) -> frozenset[str]:
    """From pairs of path and method."""
    return frozenset(f"{method} {path}" for path, method in apis)
