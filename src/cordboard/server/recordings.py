"""The archive: recordings as files in one folder, a WAV and a JSON file each, and which of them there are. Of those
that the switch still has there are notes.

What the JSON files say is read once, at the start; from then on it is in memory. The oldest go when there are too many
or they take too much room. Deliberately absent: who may see them (``gws.recordings``), what they sound like (the
switch).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import structlog

from cordboard.calls.model import Number, RecordingId
from cordboard.calls.recordings import Kept, MailboxChange, MailboxChanged, Recorded
from cordboard.people.directory import Directory
from cordboard.server.clock import Clock
from cordboard.server.config import Recordings, Voicemail
from cordboard.server.keeping import CannotKeepError

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kept).decode
_NOTE = ".expected"


class _Expected(msgspec.Struct, frozen=True):
    """What is noted of a recording that still has to be fetched from the switch."""

    recorded: Recorded
    parts: tuple[str, ...]


_decode_expected = msgspec.json.Decoder(_Expected).decode


class Archive:
    """Implements ``calls.ports.Shelf`` for the switch and ``calls.ports.Mailboxes`` for front ends. ``tell`` is told
    what becomes of somebody's messages; what becomes of recordings nobody is told."""

    def __init__(
        self,
        settings: Recordings | Voicemail,
        directory: Directory,
        clock: Clock,
        tell: Callable[[MailboxChanged], object] | None = None,
    ) -> None:
        self._tell = tell
        self._settings = settings
        self._directory = directory
        self._clock = clock
        self._folder: Path | None = None
        self._kept: dict[RecordingId, Kept] = {}
        self._bytes = 0

    def open(self) -> None:
        """Find what is there. Raises CannotKeepError."""
        if not self._settings.path:
            return
        self._folder = Path(self._settings.path)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = [kept for path in self._folder.glob("*.json") if (kept := self._read(path)) is not None]
        except OSError as error:
            why = f"{self._settings.path}: {error.strerror or error}"
            table = type(self._settings).__name__.lower()
            raise CannotKeepError(f"recordings in {why}; change path in [{table}]") from error
        for kept in sorted(found, key=lambda kept: kept.began):
            self._enter(kept)
        self._make_room()

    def close(self) -> None:
        """Nothing of a folder of our own is left."""
        if self._folder is not None and not self._settings.path:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    # -- for the switch --------------------------------------------------------------------------------------------

    def place(self, recording: RecordingId) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="cordboard-recordings-"))
        return self._folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        """The file is there. A switch may say so twice, to be sure: the first time counts."""
        if recorded.id in self._kept:
            self._strike(recorded.id)
            return
        owner = self._directory.owner_of(recorded.starter)
        path = self.place(recorded.id)
        try:
            kept = Kept(
                recorded.id,
                recorded.conversation,
                recorded.call,
                owner.id if owner is not None else "",
                owner.tenant.id if owner is not None else "",
                recorded.starter,
                recorded.parties,
                recorded.began + self._clock.wall() - self._clock.now(),
                recorded.seconds,
                path.stat().st_size,
            )
            path.with_suffix(".json").write_bytes(_encode(kept))
        except OSError as error:
            self.lose(recorded, str(error))
            return
        self._strike(kept.id)
        self._enter(kept)
        self._changed(MailboxChange.LEFT, kept)
        self._make_room()
        _log.info("recording kept", recording=kept.id, owner=kept.starter, seconds=kept.seconds, bytes=kept.bytes)

    def lose(self, recorded: Recorded, why: str) -> None:
        self._strike(recorded.id)
        _log.error("a recording is lost", recording=recorded.id, owner=recorded.starter, why=why)

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        try:
            self._note(recorded.id).write_bytes(_encode(_Expected(recorded, parts)))
        except OSError as error:
            _log.warning("a recording may be lost if this process is killed", recording=recorded.id, why=str(error))

    def expected(self) -> Sequence[tuple[Recorded, tuple[str, ...]]]:
        found: list[tuple[Recorded, tuple[str, ...]]] = []
        for path in sorted(self._folder.glob(f"*{_NOTE}")) if self._folder is not None else ():
            try:
                noted = _decode_expected(path.read_bytes())
            except (OSError, msgspec.DecodeError) as error:
                _log.warning("not a recording that is expected", file=str(path), why=str(error))
                continue
            if noted.recorded.id in self._kept:
                self._strike(noted.recorded.id)
            else:
                found.append((noted.recorded, noted.parts))
        return found

    def _note(self, recording: RecordingId) -> Path:
        return self.place(recording).with_suffix(_NOTE)

    def _strike(self, recording: RecordingId) -> None:
        """It is expected no longer."""
        with contextlib.suppress(OSError):
            self._note(recording).unlink(missing_ok=True)

    # -- for front ends --------------------------------------------------------------------------------------------

    def all(self) -> Sequence[Kept]:
        return list(reversed(self._kept.values()))

    def find(self, recording: RecordingId) -> Kept | None:
        return self._kept.get(recording)

    def mark(self, recording: RecordingId, heard: bool) -> None:
        """Whether somebody has heard it. Raises OSError if that can't be noted."""
        before = self._kept[recording]
        if before.heard == heard:
            return
        kept = msgspec.structs.replace(before, heard=heard)
        self.place(recording).with_suffix(".json").write_bytes(_encode(kept))
        self._kept[recording] = kept
        self._changed(MailboxChange.MARKED, kept)

    def delete(self, recording: RecordingId) -> None:
        kept = self._kept.pop(recording)
        self._bytes -= kept.bytes
        path = self.place(recording)
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
        _log.info("recording deleted", recording=recording)
        self._changed(MailboxChange.DELETED, kept)

    def _changed(self, change: MailboxChange, kept: Kept) -> None:
        if self._tell is not None:
            heard = [one.heard for one in self._kept.values() if one.owner == kept.owner]
            self._tell(MailboxChanged(change, kept, heard.count(False), heard.count(True)))

    def counts(self) -> Mapping[Number, tuple[int, int]]:
        """How many are new and how many were heard, for each number that they were left for."""
        found: dict[Number, tuple[int, int]] = {}
        for kept in self._kept.values():
            new, heard = found.get(kept.starter, (0, 0))
            found[kept.starter] = (new, heard + 1) if kept.heard else (new + 1, heard)
        return found

    # -- what is kept ----------------------------------------------------------------------------------------------

    def _read(self, path: Path) -> Kept | None:
        """What a JSON file tells, if it is one of ours and its recording is there."""
        try:
            kept = _decode(path.read_bytes())
        except msgspec.DecodeError as error:
            _log.warning("not a recording", file=str(path), why=str(error))
            return None
        return kept if kept.id == path.stem and path.with_suffix(".wav").is_file() else None

    def _enter(self, kept: Kept) -> None:
        self._kept[kept.id] = kept
        self._bytes += kept.bytes

    def _make_room(self) -> None:
        settings = self._settings
        while len(self._kept) > settings.kept_max or self._bytes > settings.kept_bytes_max:
            oldest = next(iter(self._kept))
            _log.info("recording removed to make room", recording=oldest)
            self.delete(oldest)
