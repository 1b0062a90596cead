"""The grammar of channel names and patterns, and which patterns cover a channel (bayeux §1.1).

Deliberately absent: who may subscribe to what; that is asked of the owner of the broker.
"""

from __future__ import annotations

import re
from functools import lru_cache

# The specification's segment characters, and those that CometD lets through besides. The asterisk is left out: in the
# middle of a name it would look like a pattern that is none ("/a/*/b" is refused, bayeux §2).
_SEGMENT = r"[A-Za-z0-9\-_!~()$@ #+.{}]+"
_CHANNEL = re.compile(rf"(?:/{_SEGMENT})+")
_PATTERN = re.compile(rf"(?:/{_SEGMENT})*/\*\*?")


def is_channel(name: str) -> bool:
    """Whether ``name`` is well formed and names one channel."""
    return _CHANNEL.fullmatch(name) is not None


def is_subscription(name: str) -> bool:
    """Whether ``name`` is a channel, or a pattern whose last segment alone is ``*`` or ``**``."""
    return is_channel(name) or _PATTERN.fullmatch(name) is not None


def is_meta(name: str) -> bool:
    """Whether ``name`` belongs to the protocol itself and is closed to clients (bayeux §1.2)."""
    return name == "/meta" or name.startswith("/meta/")


@lru_cache(maxsize=4_096)
def covering(channel: str) -> tuple[str, ...]:
    """The channel and every pattern that covers it, so that matching is a look-up and never a scan.

    ``/a/b`` is covered by ``/a/b``, ``/a/*``, ``/a/**`` and ``/**``.
    """
    names = [channel]
    parent = channel.rpartition("/")[0]
    names.append(f"{parent}/*")
    while True:
        names.append(f"{parent}/**")
        if not parent:
            return tuple(names)
        parent = parent.rpartition("/")[0]
