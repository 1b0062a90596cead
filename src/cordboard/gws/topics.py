"""Topics: which channels a user may subscribe to (gws-v2 §5.1).

"me" is resolved by session, so a wildcard never reaches what belongs to somebody else. Deliberately absent: matching
of wildcards (``bayeux``).
"""

from __future__ import annotations

from cordboard.gws.notifications import VOICEMAILS
from cordboard.people.model import User

TOPICS = frozenset(
    {
        "/v2/me",
        "/v2/me/calls",
        "/v2/me/devices",
        "/v2/me/channels",
        "/v2/me/chats",
        "/v2/me/emails",
        "/v2/me/openmedia",
        "/v2/me/workitems",
        "/v2/me/interactions",
        VOICEMAILS,
        "/notifications/services",
    }
)
WILDCARDS = frozenset({"/v2/me/*", "/v2/me/**", "/v2/*", "/v2/**", "/notifications/*", "/notifications/**", "/**"})
STAFF_TOPICS = frozenset({"/v2/users"})
"""Those of supervisors and administrators."""

_EVERYBODYS = TOPICS | WILDCARDS
_STAFF = frozenset({"supervisor", "admin"})


def may_subscribe(user: User, channel: str) -> bool:
    """Whether this user may subscribe to a channel or wildcard; the answer to others is 403 (gws-v2 §5.1)."""
    return channel in _EVERYBODYS or (channel in STAFF_TOPICS and not _STAFF.isdisjoint(user.roles))
