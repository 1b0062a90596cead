"""Recordings that are kept: listed, described and downloaded. Our own addition to Web Services (docs/recordings.md).

A recording is its owner's, the one who began it, and the supervisors' and administrators' of the same tenant; for
everybody else it does not exist. Deliberately absent: files being read (``server``), recordings being made (``calls``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cordboard.calls.model import RecordingId
from cordboard.calls.ports import Archive
from cordboard.calls.recordings import Kept
from cordboard.gws import answers
from cordboard.gws.answers import FileContent, Response
from cordboard.gws.listing import collection
from cordboard.gws.requests import Request
from cordboard.gws.views import Views
from cordboard.people.model import User

_STAFF = frozenset({"supervisor", "admin"})


class Nothing:
    """An archive without recordings."""

    def all(self) -> Sequence[Kept]:
        return ()

    def find(self, _recording: RecordingId) -> Kept | None:
        return None

    def place(self, recording: RecordingId) -> Path:
        raise FileNotFoundError(recording)


class Recordings:
    """Answers GET requests, as ``reading`` does."""

    def __init__(self, archive: Archive, views: Views) -> None:
        self._archive = archive
        self._views = views

    def mine(self, request: Request, _: str) -> Response:
        return self._listed(request, [kept for kept in self._archive.all() if kept.owner == request.user.id])

    def of_tenant(self, request: Request, _: str) -> Response:
        if not _is_staff(request.user):
            return answers.NO_ROLE
        tenant = request.user.tenant.id
        return self._listed(request, [kept for kept in self._archive.all() if kept.tenant == tenant])

    def one(self, request: Request, recording: str) -> Response:
        kept = self._find(request.user, recording)
        return answers.absent() if kept is None else answers.content({"recording": self._views.recording(kept)})

    def content(self, request: Request, recording: str) -> Response:
        kept = self._find(request.user, recording)
        if kept is None:
            return answers.absent()
        return Response(200, b"", file=FileContent(self._archive.place(kept.id), "audio/wav", f"{kept.id}.wav"))

    def _listed(self, request: Request, found: Sequence[Kept]) -> Response:
        return collection(request, "recordings", [self._views.recording(kept) for kept in found])

    def _find(self, user: User, recording: str) -> Kept | None:
        kept = self._archive.find(recording)
        if kept is None:
            return None
        theirs = _is_staff(user) and kept.tenant == user.tenant.id
        return kept if theirs or kept.owner == user.id else None


def _is_staff(user: User) -> bool:
    return not _STAFF.isdisjoint(user.roles)
