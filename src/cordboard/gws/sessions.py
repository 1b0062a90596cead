"""Contact-centre sessions: where an agent logs in, and on which channels (gws-v2 §3).

Everybody has one device at one place, so a place or a device that is named must be one's own.
``loginCode`` and ``queue`` are taken and not used: logins and queues belong to a routing that is not ours. Deliberately
absent: what becomes of a session (``agents.roster``).
"""

from __future__ import annotations

from cordboard.agents.commands import StartSession
from cordboard.agents.ports import AgentDesk
from cordboard.gws import answers, bodies
from cordboard.gws.answers import Response, StatusCode
from cordboard.people.model import VOICE_FEATURE, User

VOICE = "voice"


def start(roster: AgentDesk, user: User, body: bodies.StartSession) -> Response:
    """Log in on the channels that are served. If some are not, the answer tells which; if none is, it is one ordinary
    error (gws-v2 §1.3)."""
    if not _is_own_place(user, body):
        return answers.error(StatusCode.NOT_FOUND, "There is no such place or device.")
    channels = list(dict.fromkeys(body.channels))
    if VOICE not in channels:
        return answers.error(StatusCode.OUT_OF_RANGE, "None of these channels is served here; voice is.")
    if VOICE_FEATURE not in user.features:
        return answers.NO_FEATURE
    refusal = roster.ask(StartSession(asker=user.device.number))
    if refusal is not None:
        return answers.refused(refusal)
    failed = [_failed_channel(channel) for channel in channels if channel != VOICE]
    return answers.partial([{"statusCode": 0, "channel": VOICE}], failed) if failed else answers.ACCEPTED


def _is_own_place(user: User, body: bodies.StartSession) -> bool:
    """What belongs to somebody else is as unknown as what does not exist."""
    device = user.device
    if body.device_path is not None and bodies.last_segment(body.device_path) != device.id:
        return False
    return body.place in (None, "", device.workplace, device.number)


def _failed_channel(channel: str) -> dict[str, object]:
    """A medium that has no server here, answered as one whose server is not connected (gws-v2 §1.3)."""
    code = StatusCode.INTERNAL_ERROR.value
    return {"statusCode": code, "statusMessage": "This channel is not served here.", "channel": channel}
