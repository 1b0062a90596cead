"""Messages that were left for a user: listed, described, downloaded, marked as heard, deleted. Our own addition to Web
Services (docs/voicemail.md).

A message is its mailbox's owner's, and nobody else's: for supervisors and administrators it does not exist either.
Deliberately absent: files being read (``server``), messages being left (``calls.voicemail``).
"""

from __future__ import annotations

import msgspec

from cordboard.calls.ports import Mailboxes
from cordboard.calls.recordings import Kept
from cordboard.gws import answers
from cordboard.gws.answers import FileContent, Response, StatusCode
from cordboard.gws.listing import collection
from cordboard.gws.recordings import Nothing
from cordboard.gws.requests import Request
from cordboard.gws.views import Views
from cordboard.people.model import User


class NoMailboxes(Nothing):
    """Nobody has any."""

    def mark(self, recording: str, heard: bool) -> None:  # noqa: ARG002
        raise FileNotFoundError(recording)

    def delete(self, recording: str) -> None:
        raise FileNotFoundError(recording)


class Heard(msgspec.Struct, frozen=True):
    """The body that marks a message."""

    heard: bool


_decode = msgspec.json.Decoder(Heard).decode


class Voicemails:
    """Answers requests, as ``reading`` does."""

    def __init__(self, mailboxes: Mailboxes, views: Views) -> None:
        self._mailboxes = mailboxes
        self._views = views

    def mine(self, request: Request, _: str) -> Response:
        found = [kept for kept in self._mailboxes.all() if kept.owner == request.user.id]
        return collection(request, "voicemails", [self._views.voicemail(kept) for kept in found])

    def one(self, request: Request, message: str) -> Response:
        kept = self._find(request.user, message)
        return answers.absent() if kept is None else answers.content({"voicemail": self._views.voicemail(kept)})

    def content(self, request: Request, message: str) -> Response:
        kept = self._find(request.user, message)
        if kept is None:
            return answers.absent()
        return Response(200, b"", file=FileContent(self._mailboxes.place(kept.id), "audio/wav", f"{kept.id}.wav"))

    def mark(self, request: Request, message: str) -> Response:
        kept = self._find(request.user, message)
        if kept is None:
            return answers.absent()
        try:
            body = _decode(request.body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return answers.error(StatusCode.OUT_OF_RANGE, 'The body must be {"heard":true} or {"heard":false}.')
        self._mailboxes.mark(kept.id, body.heard)
        return answers.ACCEPTED

    def delete(self, request: Request, message: str) -> Response:
        kept = self._find(request.user, message)
        if kept is None:
            return answers.absent()
        self._mailboxes.delete(kept.id)
        return answers.ACCEPTED

    def _find(self, user: User, message: str) -> Kept | None:
        kept = self._mailboxes.find(message)
        return kept if kept is not None and kept.owner == user.id else None
