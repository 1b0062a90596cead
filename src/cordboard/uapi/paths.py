"""Paths: what a request is about (voipnow-uapi §1.2), encoded or not, with or without a last slash, on either base."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

BASES = ("/uapi", "/unifiedapi")
CREATES = frozenset({"simple", "callback", "conferenceInvite"})
SELF = "@self"


class Place(msgspec.Struct, frozen=True):
    """A path taken apart: ``service``, then the user, the extension or the kind of a call to be begun, and what
    follows. "" is what a path does not have."""

    service: str
    user: str = ""
    extension: str = ""
    rest: tuple[str, ...] = ()


def read(path: str) -> Place | None:
    """The place; None if the path is not below a base."""
    for base in BASES:
        if path.startswith(f"{base}/"):
            parts = path[len(base) + 1 :].split("/")
            if "%" in path:
                parts = [unquote(part) for part in parts]
            while parts and not parts[-1]:
                parts.pop()
            if not parts:
                return None
            service, user, extension, *rest = (*parts, "", "")[: max(3, len(parts))]
            return Place(service, user, extension, tuple(rest))
    return None
